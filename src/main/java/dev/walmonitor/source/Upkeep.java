package dev.walmonitor.source;

import dev.walmonitor.change.Position;
import io.smallrye.mutiny.Uni;
import java.util.List;

/**
 * What people do to a source's database while nothing reads from it, and what they want to know of
 * it. Every call has connections of its own; each fails with a {@link SourceException}.
 */
public interface Upkeep {

    /**
     * Something that was done, or would be.
     *
     * @param sentence for people
     * @param statements how; empty if there was nothing to do
     */
    record Step(String sentence, List<String> statements) {
        public Step {
            statements = List.copyOf(statements);
        }
    }

    /**
     * A slot that was made anew.
     *
     * @param system the database cluster that it belongs to
     * @param timeline the branch of the cluster's history
     * @param from what comes is complete from here on
     */
    record Anew(String system, long timeline, Position from, List<Step> steps) {}

    /**
     * Makes what the stream needs, as far as it is not there.
     *
     * @param dry only says what would be done
     */
    Uni<List<Step>> setup(Interest interest, boolean dry);

    /**
     * Takes away what the stream needs; fails while somebody reads.
     *
     * @param dry only says what would be done
     */
    Uni<List<Step>> drop(boolean dry);

    /** Makes the slot anew, at the present end of the log; fails while somebody reads. */
    Uni<Anew> reset(Interest interest);

    /** Looks at everything that the stream needs; what cannot be looked at is a finding too. */
    Uni<List<Finding>> examine(Interest interest);
}
