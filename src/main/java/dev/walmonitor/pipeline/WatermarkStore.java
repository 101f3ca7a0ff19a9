package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers how far a source is done. What is stored is stored before the database is told, so that
 * a server that forgets what it was told (after a crash) is told again.
 */
public interface WatermarkStore {

    /** What a rule does about changes that were lost. */
    enum Remedy {
        /** It makes anew what they would have made. */
        REBUILT,
        /** Nothing can be made of them; that they were missed is on record. */
        RECORDED
    }

    /** What was stored last; empty if nothing ever was. */
    Uni<Optional<Checkpoint>> load(String source);

    /**
     * A log is followed from the checkpoint on, which may lie before what was stored for an earlier
     * epoch. Completes when that, and the gap with it, is durable; fails if it is not, or if the
     * source is in a later epoch already.
     *
     * @param gap what was lost before; null if nothing was
     * @param rules what each rule that is concerned does about the gap, by its name
     */
    Uni<Void> begin(
            String source, Checkpoint checkpoint, @Nullable Gap gap, Map<String, Remedy> rules);

    /**
     * Completes when the checkpoint is durable; fails if it is not, or if the source is in a later
     * epoch already. Watermarks of one epoch only grow.
     */
    Uni<Void> store(String source, Checkpoint checkpoint);
}
