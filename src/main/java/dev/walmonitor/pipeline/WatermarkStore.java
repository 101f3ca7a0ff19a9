package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import io.smallrye.mutiny.Uni;

/**
 * Remembers how far a source is done. What is stored is stored before the database is told, so that
 * a server that forgets what it was told (after a crash) is told again.
 */
@FunctionalInterface
public interface WatermarkStore {

    /**
     * Completes when the position is durable; fails if it is not. Positions of a source only grow.
     */
    Uni<Void> store(String source, Position position);
}
