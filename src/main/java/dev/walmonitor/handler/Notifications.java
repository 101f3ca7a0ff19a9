package dev.walmonitor.handler;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of notifications: what became of each, and what waits to be told together. Every
 * {@code Uni} fails if the database does not answer; then it is not known whether it did its work.
 */
public interface Notifications {

    /** Completes when the entries are on record. */
    Uni<Void> record(List<Entry> entries);

    /**
     * Completes when the members are durable; one that is there already, by its target and change,
     * is left as it is.
     */
    Uni<Void> fold(List<Member> members);

    /** What waits to be told by the rules of a source, the earliest first. */
    Uni<List<Waiting>> waiting(String source);

    /**
     * Everything that a window has now.
     *
     * @param most as many of the first members are given whole, in the order of their changes
     */
    Uni<Folded> read(Window window, int most);

    /** Takes members away and puts on record what became of them, both or none. */
    Uni<Void> delivered(List<Long> members, Entry entry);

    /**
     * The keys of what a rule has told since then, see {@link Entry#dedupe}, and when it last did.
     */
    Uni<Map<String, Instant>> told(String source, String rule, Instant since);

    /**
     * Removes entries of before then, the oldest first.
     *
     * @return how many; fewer than {@code most} if there are no more
     */
    Uni<Integer> prune(Instant before, int most);

    /** What became of a notification. */
    enum Outcome {
        SENT,
        FAILED,
        SUPPRESSED
    }

    /**
     * One notification, without its body.
     *
     * @param change the change's id; of several the first's
     * @param changes how many changes it is about
     * @param recipient for people; empty for whoever reads the channel
     * @param channel empty if there was none
     * @param reason why it was not sent, or null
     * @param dedupe by which the same is known again, or null
     */
    record Entry(
            String source,
            String rule,
            String change,
            long changes,
            String recipient,
            String channel,
            Outcome outcome,
            @Nullable String reason,
            String title,
            @Nullable String dedupe,
            Instant at) {}

    /**
     * To whom and by what: members of one target are told together.
     *
     * @param key which tells it from others
     * @param person the recipient, as whoever folds wrote it
     */
    record Target(String source, String rule, String channel, String key, String person) {}

    /**
     * A stretch of time whose members are told together.
     *
     * @param id which tells it from others of the target
     * @param due when they are told
     */
    record Window(Target target, String id, Instant due) {}

    /**
     * One change that is told with others.
     *
     * @param change the change's id, unique for ever
     * @param position of its commit, unsigned
     * @param body null if it is not worth keeping
     */
    record Member(
            Window window,
            String change,
            long position,
            int ordinal,
            @Nullable Move move,
            String title,
            @Nullable String body,
            @Nullable String link) {}

    /**
     * From which state to which a change brought a row.
     *
     * @param row which row
     * @param before a digest of the columns that count
     * @param after the same, behind the change
     */
    record Move(String row, String before, String after) {}

    /**
     * A window that has members.
     *
     * @param rows those that {@link Move}s are about
     */
    record Waiting(Window window, long members, Set<String> rows) {}

    /**
     * The members of a window.
     *
     * @param members all of them
     * @param told how many of them are to be told: not those whose row is back where it was
     * @param first of those that are to be told
     */
    record Folded(List<Long> members, long told, List<Item> first) {

        public Folded {
            members = List.copyOf(members);
            first = List.copyOf(first);
        }
    }

    /** What a member has to tell. */
    record Item(String change, String title, String body, @Nullable String link) {}
}
