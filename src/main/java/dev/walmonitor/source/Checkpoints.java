package dev.walmonitor.source;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * What is known durably of how far a source is done. Asked whenever a stream is about to begin, as
 * another instance may have had the slot in between.
 */
@FunctionalInterface
public interface Checkpoints {

    /** Empty if nothing was ever stored; fails if that cannot be found out now. */
    Uni<Optional<Checkpoint>> load();
}
