package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The status of a made-up source, changed step by step. */
public record Statuses(
        String source,
        SourceState state,
        @Nullable SourceFailure failure,
        Lsn received,
        @Nullable Instant lastCommit,
        int inFlight) {
    public static final Instant SINCE = Instant.parse("2026-11-01T10:00:00Z");
    public static final Instant COMMIT = Instant.parse("2026-11-01T09:59:00Z");

    public static Statuses streaming(String source) {
        return new Statuses(source, SourceState.STREAMING, null, Lsn.parse("0/1000"), COMMIT, 0);
    }

    public Statuses in(SourceState state) {
        return new Statuses(source, state, null, received, lastCommit, inFlight);
    }

    public Statuses failing(SourceState state, String sentence, @Nullable String remedy) {
        SourceFailure failure =
                new SourceFailure(state, "connection", sentence, remedy, Retry.SOON);
        return new Statuses(source, state, failure, received, lastCommit, inFlight);
    }

    /** A keepalive came. */
    public Statuses received(String lsn) {
        return new Statuses(source, state, failure, Lsn.parse(lsn), lastCommit, inFlight);
    }

    /** A transaction came. */
    public Statuses committed(Instant time) {
        return new Statuses(source, state, failure, received, time, inFlight);
    }

    public Statuses inFlight(int changes) {
        return new Statuses(source, state, failure, received, lastCommit, changes);
    }

    public PipelineStatus now() {
        return new PipelineStatus(
                new SourceStatus(
                        source,
                        state,
                        SINCE,
                        failure,
                        received,
                        new Lsn(received.value() - 8),
                        SINCE,
                        lastCommit,
                        2,
                        List.of()),
                new Lsn(received.value() - 4),
                inFlight,
                Duration.ofMillis(1500));
    }
}
