package dev.walmonitor.handler;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes that were, kept for whoever asks later. One bean; found by its type. May be called from
 * any thread.
 *
 * <p>Every failure is a {@link dev.walmonitor.sink.SinkException}.
 */
public interface ChangeArchive {

    /**
     * A change that a rule archived.
     *
     * @param rule the archive rule's name
     * @param envelope the change as everybody outside got it, one JSON object
     */
    record Archived(String rule, RowChange change, String envelope) {

        /** Where the change stands. */
        public Place place() {
            return Place.of(change);
        }
    }

    /**
     * A place behind a change in all logs of one source, to go on from.
     *
     * @param epoch as in {@link dev.walmonitor.change.LogIdentity#epoch}
     */
    record Place(long epoch, Position commit, int ordinal) {

        /** That of a change. */
        public static Place of(RowChange change) {
            Transaction transaction = change.transaction();
            return new Place(transaction.epoch(), transaction.commit(), change.ordinal());
        }
    }

    /**
     * Which changes are wanted. What is null does not matter.
     *
     * @param key of rows of the table, as {@link RowKey} has it: changes that gave a row this key
     *     or took it away count, and every TRUNCATE of the table
     * @param from the first time of commit
     * @param to the first time that is too late
     * @param lsnFrom the first position of a commit
     * @param lsnTo the first position that is too late
     * @param after the change after which to go on
     */
    record Wanted(
            String source,
            @Nullable TableName table,
            @Nullable String key,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable Position lsnFrom,
            @Nullable Position lsnTo,
            @Nullable Place after) {

        /** The same, of another source. */
        public Wanted of(String another) {
            return new Wanted(another, table, key, from, to, lsnFrom, lsnTo, after);
        }

        /** The same, from behind a change on. */
        public Wanted after(Place place) {
            return new Wanted(source, table, key, from, to, lsnFrom, lsnTo, place);
        }
    }

    /**
     * Keeps changes. What is there already, by the rule and the change's identity, is left as it
     * is. Completes when they are durable.
     *
     * @return how many were not there
     */
    Uni<Integer> store(List<Archived> changes);

    /**
     * Changes in the order of epochs, commits and ordinals; one that several rules archived is
     * there once. Each is as it was: with the table's shape then, and what had not been sent.
     *
     * @param most how many at once
     */
    Uni<List<Archived>> read(Wanted wanted, int most);

    /**
     * Makes room for the days to come, and takes away what is older than it is to be kept.
     *
     * @param retention how long each rule's changes are kept at least, by the rule's name; what
     *     other rules stored goes with the last of these
     * @param standard how long changes are kept if there is no such rule
     * @param ahead for how many days after this one there is to be room
     */
    Uni<Void> tend(Map<String, Duration> retention, Duration standard, Instant now, int ahead);
}
