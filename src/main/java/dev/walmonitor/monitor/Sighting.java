package dev.walmonitor.monitor;

import dev.walmonitor.change.Position;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceStatus;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What there is to be written about a source at one moment.
 *
 * @param position the furthest that the source has sent
 * @param lastReceived when the last byte came, by our clock
 * @param lastTransaction when the last transaction that came was committed, by the source's clock
 * @param lagBytes null if the source could not be asked
 * @param error what is wrong, for {@link MonitorStatus#ERROR}
 */
public record Sighting(
        @Nullable Position position,
        @Nullable Instant lastReceived,
        @Nullable Instant lastTransaction,
        @Nullable String slot,
        @Nullable Long lagBytes,
        MonitorStatus status,
        @Nullable String error) {

    /**
     * What a source's state makes of its row, or null if the row is not ours to write: another
     * instance holds the slot and writes it, or it is not known yet how things stand, or we are
     * going.
     */
    static @Nullable Sighting of(
            PipelineStatus pipeline, @Nullable String slot, @Nullable Long lagBytes) {
        SourceStatus source = pipeline.source();
        SourceFailure failure = source.failure();
        return switch (source.state()) {
            case STANDBY -> null;
            case CONNECTING, STOPPING ->
                    failure == null
                            ? null
                            : of(source, slot, lagBytes, MonitorStatus.ERROR, failure.message());
            case STREAMING -> of(source, slot, lagBytes, MonitorStatus.ACTIVE, null);
            case IDLE -> of(source, slot, lagBytes, MonitorStatus.IDLE, null);
            case STALLED,
                    PAUSED,
                    FAILED,
                    SLOT_MISSING,
                    SLOT_LOST,
                    PUBLICATION_MISSING,
                    GAP_SUSPECTED,
                    IDENTITY_MISMATCH,
                    POISONED ->
                    of(source, slot, lagBytes, MonitorStatus.ERROR, message(source));
        };
    }

    private static Sighting of(
            SourceStatus source,
            @Nullable String slot,
            @Nullable Long lagBytes,
            MonitorStatus status,
            @Nullable String error) {
        return new Sighting(
                source.received(),
                source.lastReceived(),
                source.lastCommit(),
                slot,
                lagBytes,
                status,
                error);
    }

    private static String message(SourceStatus source) {
        SourceFailure failure = source.failure();
        return failure != null
                ? failure.message()
                : "The source \""
                        + source.source()
                        + "\" is "
                        + source.state()
                        + " since "
                        + source.since()
                        + ".";
    }

    /** Whether the row says something that people wait for, so that it is not to be delayed. */
    boolean differsInKind(Sighting other) {
        return status != other.status
                || !Objects.equals(error, other.error)
                || !Objects.equals(slot, other.slot);
    }

    /** Whether a transaction came in between. */
    boolean differsInWork(Sighting other) {
        return !Objects.equals(lastTransaction, other.lastTransaction);
    }
}
