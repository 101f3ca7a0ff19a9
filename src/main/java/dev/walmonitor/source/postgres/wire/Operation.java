package dev.walmonitor.source.postgres.wire;

import io.vertx.core.buffer.Buffer;

/** A phase that waits in the queue until the phases before it are over. */
sealed interface Operation extends Phase permits QueryPhase, CopyPhase {

    /** What begins it. */
    Buffer request();
}
