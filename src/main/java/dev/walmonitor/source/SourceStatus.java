package dev.walmonitor.source;

import dev.walmonitor.change.Position;
import java.time.Instant;
import java.util.List;
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
 * @param remarks what an operator should know although the stream runs, a sentence each
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
        long reconnects,
        List<String> remarks) {

    /** The same figures in another light. */
    public SourceStatus as(SourceState other, Instant entered, @Nullable SourceFailure why) {
        return new SourceStatus(
                source,
                other,
                entered,
                why,
                received,
                confirmed,
                lastReceived,
                lastCommit,
                reconnects,
                remarks);
    }
}
