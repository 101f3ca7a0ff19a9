package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a source shows of itself. Written by the source's event loop, read by any thread. */
final class StatusBoard {
    private volatile SourceStatus status;
    private long begun;

    StatusBoard(String source) {
        this.status =
                new SourceStatus(
                        source,
                        SourceState.CONNECTING,
                        Instant.now(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        0,
                        List.of());
    }

    SourceStatus status() {
        return status;
    }

    SourceState state() {
        return status.state();
    }

    @Nullable SourceFailure failure() {
        return status.failure();
    }

    /**
     * @return whether anything but the time is news
     */
    boolean enter(SourceState state, @Nullable SourceFailure failure, Instant now) {
        SourceStatus s = status;
        boolean sameFailure = failure == null ? s.failure() == null : failure.equals(s.failure());
        if (s.state() == state && sameFailure) {
            return false;
        }
        if (state == SourceState.STREAMING && s.state() != SourceState.STALLED) {
            begun++;
        }
        status =
                new SourceStatus(
                        s.source(),
                        state,
                        s.state() == state ? s.since() : now,
                        failure,
                        s.received(),
                        s.confirmed(),
                        s.lastReceived(),
                        s.lastCommit(),
                        Math.max(0, begun - 1),
                        s.remarks());
        return true;
    }

    /**
     * @return whether they are others than before
     */
    boolean remark(List<String> sentences) {
        SourceStatus s = status;
        if (s.remarks().equals(sentences)) {
            return false;
        }
        status =
                new SourceStatus(
                        s.source(),
                        s.state(),
                        s.since(),
                        s.failure(),
                        s.received(),
                        s.confirmed(),
                        s.lastReceived(),
                        s.lastCommit(),
                        s.reconnects(),
                        List.copyOf(sentences));
        return true;
    }

    /** Takes the session's figures. */
    void show(ReplicationSession session) {
        SourceStatus s = status;
        status =
                new SourceStatus(
                        s.source(),
                        s.state(),
                        s.since(),
                        s.failure(),
                        session.received(),
                        session.confirmed(),
                        session.lastHeard(),
                        session.lastCommit() == null ? s.lastCommit() : session.lastCommit(),
                        s.reconnects(),
                        s.remarks());
    }
}
