package dev.walmonitor.source;

import dev.walmonitor.change.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A source at one moment.
 *
 * @param since when the state was entered
 * @param failure what is wrong, if something is
 * @param received the furthest position that the database has sent; null before the first
 * @param confirmed the position that the database may forget everything before; null before the
 *     first
 * @param lastReceived when the last byte came from the database; null if none has
 * @param lastCommit when the last transaction that was received had been committed; null if none
 *     was
 * @param reconnects how often the stream was begun again since the process started
 */
public record SourceStatus(
        String source,
        SourceState state,
        Instant since,
        @Nullable SourceFailure failure,
        @Nullable Position received,
        @Nullable Position confirmed,
        @Nullable Instant lastReceived,
        @Nullable Instant lastCommit,
        long reconnects) {}
