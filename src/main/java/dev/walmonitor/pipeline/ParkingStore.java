package dev.walmonitor.pipeline;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where changes wait that their rules cannot do now. Every method may be called from any thread;
 * each fails if the store cannot be reached, and has then done nothing or all.
 */
public interface ParkingStore {

    /**
     * What is kept of one rule.
     *
     * @param parked how many changes wait
     * @param dead how many were given up
     * @param keys of those that wait, and how many of them have each; null if they are too many to
     *     know
     * @param shapes in which tables they were changed, see {@link Keys#ofShape}
     * @param oldest of those that wait
     * @param latest of those that wait
     * @param oldestDead of those that were given up
     * @param paused why the rule may do nothing; null if it may
     */
    record Standing(
            long parked,
            long dead,
            @Nullable Map<Long, Integer> keys,
            Set<Long> shapes,
            ParkedChange.@Nullable Place oldest,
            ParkedChange.@Nullable Place latest,
            ParkedChange.@Nullable Place oldestDead,
            @Nullable String paused) {
        static final Standing NOTHING =
                new Standing(0, 0, Map.of(), Set.of(), null, null, null, null);
    }

    /** What is kept of every rule of the source of which something is, by the rule's name. */
    Uni<Map<String, Standing>> load(String source);

    /**
     * Completes when the changes are durable. One that waits there already gets another version; of
     * those with one mark the latest is kept, for all their transactions.
     */
    Uni<Void> park(String source, List<ParkedChange> changes);

    /**
     * The next of a rule's changes that wait, in their order.
     *
     * @param after where to go on; null for the beginning
     * @param rows how many at most
     * @param bytes how much they may weigh together; one is given in any case
     */
    Uni<List<ParkedChange>> page(
            String source, String rule, ParkedChange.@Nullable Place after, int rows, long bytes);

    /**
     * Forgets changes that are done, and remembers how others have failed.
     *
     * @param done as they were given by {@link #page}; one of which there is another version is
     *     kept
     */
    Uni<Void> settle(Collection<ParkedChange> done, Collection<ParkedChange> failed);

    /**
     * Lets a rule do nothing, until it is resumed.
     *
     * @param why null to resume it
     */
    Uni<Void> pause(String source, String rule, @Nullable String why);
}
