package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A change that waits in the monitor database until its rule can do its work for it, or that was
 * given up.
 *
 * @param id as the store numbers it; 0 before it is stored
 * @param version how often it was stored: it may be told again while it waits, and is then done
 *     again, behind what was told again with it
 * @param rule the name of the rule
 * @param change as it was read
 * @param keys what it must not overtake and what must not overtake it, see {@link Keys}; empty if
 *     it may come at any time
 * @param mark changes of the rule with the same mark are done when the last of them is, and are
 *     stored as one; null if each has to be done
 * @param first the oldest commit that it stands for
 * @param xids the transactions that it stands for, the change's own among them
 * @param weight about how many bytes it needs in memory
 * @param attempts how often it has failed
 * @param due when it may be tried again
 * @param error why it failed the last time; null if it never did
 * @param dead whether it was given up
 */
public record ParkedChange(
        long id,
        int version,
        String rule,
        RowChange change,
        List<Long> keys,
        @Nullable String mark,
        Position first,
        Set<Integer> xids,
        int weight,
        int attempts,
        Instant due,
        @Nullable String error,
        boolean dead) {

    /** Where a change stands among those of its source. */
    public record Place(long epoch, Position commit, int ordinal) implements Comparable<Place> {

        static Place of(RowChange change) {
            Transaction transaction = change.transaction();
            return new Place(transaction.epoch(), transaction.commit(), change.ordinal());
        }

        @Override
        public int compareTo(Place other) {
            int byEpoch = Long.compare(epoch, other.epoch);
            if (byEpoch != 0) {
                return byEpoch;
            }
            int byCommit = commit.compareTo(other.commit);
            return byCommit != 0 ? byCommit : Integer.compare(ordinal, other.ordinal);
        }
    }

    /** In which shape its table was changed, see {@link Keys#ofShape}. */
    public long shape() {
        return Keys.ofShape(change.relation());
    }

    public Place place() {
        return Place.of(change);
    }

    /** The same with these keys too. */
    public ParkedChange with(Collection<Long> more) {
        Set<Long> all = new LinkedHashSet<>(keys);
        all.addAll(more);
        return new ParkedChange(
                id,
                version,
                rule,
                change,
                List.copyOf(all),
                mark,
                first,
                xids,
                weight,
                attempts,
                due,
                error,
                dead);
    }

    /** The same after one more attempt has failed. */
    ParkedChange failed(String why, Instant again, boolean givenUp) {
        return new ParkedChange(
                id,
                version,
                rule,
                change,
                keys,
                mark,
                first,
                xids,
                weight,
                attempts + 1,
                again,
                why,
                givenUp);
    }
}
