package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the stream is proved to run: a canary that we wrote into the log came through decoding
 * and routing lately, or is on its way while the stream moves towards it. Written by the pipeline's
 * loop, judged by any thread.
 *
 * <p>A stream that moves past a canary without delivering it proves nothing, however lively it is.
 * Where no canary can be written (a standby, a database that takes no connection more), the
 * server's own signs of life have to do.
 */
final class Liveness {

    /** A canary under way. */
    private record Canary(String token, @Nullable Position at, long writtenNanos) {
        boolean isBehind(@Nullable Position reached) {
            return at != null && reached != null && reached.isAfter(at);
        }
    }

    private final Duration window;
    private final Duration idleAfter;
    private @Nullable Canary canary;
    private @Nullable Position reached;
    private @Nullable Position read;
    private boolean passed;
    private volatile @Nullable String cannotWrite;
    private volatile boolean lost;
    private volatile boolean watched;
    private volatile boolean proved;
    private volatile long sinceNanos;
    private volatile long provedNanos;
    private volatile long workNanos;

    /**
     * @param window how long a proof holds
     * @param idleAfter a stream without changes for so long is idle
     */
    Liveness(Duration window, Duration idleAfter) {
        this.window = window;
        this.idleAfter = idleAfter;
    }

    /** A stream begins: nothing is proved of it yet. */
    void begun(long nowNanos) {
        canary = null;
        reached = null;
        passed = false;
        lost = false;
        proved = false;
        sinceNanos = nowNanos;
        workNanos = nowNanos;
    }

    /** From now on somebody writes canaries, and a stream is taken for proved only if it is. */
    void watch() {
        watched = true;
    }

    /** A canary is being written. */
    void announced(String token, long nowNanos) {
        canary = new Canary(token, null, nowNanos);
        passed = false;
    }

    /** It was written, {@code at} or shortly before; it may have come already. */
    void written(String token, Position at) {
        cannotWrite = null;
        Canary c = canary;
        if (c != null && c.token().equals(token)) {
            canary = new Canary(token, at, c.writtenNanos());
        }
    }

    /** No canary can be written, for this reason. */
    void cannotWrite(String why) {
        cannotWrite = why;
        canary = null;
    }

    /** Whether a canary is under way that may still come. */
    boolean isWaiting(long nowNanos) {
        Canary c = canary;
        return c != null && nowNanos - c.writtenNanos() < window.toNanos();
    }

    /**
     * A canary came through.
     *
     * @return how long it took, or -1 if it is not the one that is awaited
     */
    long arrived(String token, long nowNanos) {
        Canary c = canary;
        if (c == null || !c.token().equals(token)) {
            return -1;
        }
        canary = null;
        lost = false;
        prove(nowNanos);
        return nowNanos - c.writtenNanos();
    }

    /** The stream has told of a place in the log. */
    void reached(Position position, long nowNanos) {
        boolean moved = reached == null || position.isAfter(reached);
        if (moved) {
            reached = position;
        }
        Canary c = canary;
        boolean towards = c == null || !c.isBehind(position);
        if (cannotWrite != null || (moved && towards && !lost)) {
            prove(nowNanos);
        }
    }

    /**
     * Called now and then: a canary that the stream was past already the last time is lost. A
     * stream of which more has come since is on its way, though a large transaction, or many that
     * nobody wants, may tell of no place for long.
     *
     * @param received how far the source has read; null if it has not
     */
    void look(@Nullable Position received, long nowNanos) {
        Canary c = canary;
        boolean more = received != null && !received.equals(read);
        read = received;
        if (more && !lost && (c == null || !c.isBehind(reached))) {
            prove(nowNanos);
        }
        boolean behind = c != null && c.isBehind(reached);
        lost = behind && passed;
        passed = behind;
    }

    /** A change came that somebody wants. */
    void work(long nowNanos) {
        workNanos = nowNanos;
    }

    private void prove(long nowNanos) {
        provedNanos = nowNanos;
        proved = true;
    }

    /**
     * What the source's own word is worth: it says that it is streaming, and this says whether that
     * is proved, idle, or a stall.
     *
     * @param full whether intake stands because of the changes that are being handled
     */
    SourceStatus judge(SourceStatus source, boolean full, long nowNanos, Instant now) {
        if (!watched || source.state() != SourceState.STREAMING) {
            return source;
        }
        long provenAgo = nowNanos - (proved ? provedNanos : sinceNanos);
        if (lost || provenAgo > window.toNanos()) {
            return source.as(
                    SourceState.STALLED, now.minus(Duration.ofNanos(provenAgo)), stall(full));
        }
        if (!proved) {
            return source.as(SourceState.CONNECTING, source.since(), null);
        }
        Duration idle = Duration.ofNanos(nowNanos - workNanos).minus(idleAfter);
        return idle.isNegative() ? source : source.as(SourceState.IDLE, now.minus(idle), null);
    }

    private SourceFailure stall(boolean full) {
        String why = cannotWrite;
        String silence = " for more than " + window.toSeconds() + " s";
        String sentence =
                full
                        ? "Nothing was taken in"
                                + silence
                                + ", as changes that came before are still being handled."
                        : lost
                                ? "The stream moves, but a message that was written into the log did not come with it."
                                : why == null
                                        ? "Nothing has come through" + silence + "."
                                        : "Nothing has come"
                                                + silence
                                                + ", and no canary can be written: "
                                                + why;
        String remedy =
                full
                        ? "Look in the log for the rule that is slow or fails; the stream goes on when it does."
                        : "The stream is begun anew if the server stays silent; see its log and pg_stat_replication.";
        return new SourceFailure(SourceState.STALLED, "stalled", sentence, remedy, Retry.SOON);
    }
}
