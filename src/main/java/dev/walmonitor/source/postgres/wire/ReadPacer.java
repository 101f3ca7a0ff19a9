package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.ReadGate.Reason;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Reads in big gulps while behind, owned by one connection's event loop.
 *
 * <p>The walsender makes one send a message, and a send that must wake a waiting reader costs the
 * server about as much as the decoding. While messages come faster than {@value #BEHIND} in a
 * millisecond, reading rests for {@link #REST} after each burst, so that the server fills its
 * buffers and the socket's; it is then the faster for it. When they come slower, every read is
 * immediate, for latency.
 */
final class ReadPacer {
    /** Messages a millisecond. */
    static final int BEHIND = 32;

    /** An NIO event loop rounds it up to a millisecond; a native one does not. */
    static final Duration REST = Duration.ofNanos(500_000);

    private static final long WINDOW_NANOS = 1_000_000;

    /** Runs something later on the same event loop. */
    interface Timer {
        void after(Duration delay, Runnable task);
    }

    private final ReadGate gate;
    private final LongSupplier nanoTime;
    private final Timer timer;
    private final Runnable wake;
    private long windowStart;
    private int frames;

    ReadPacer(ReadGate gate, LongSupplier nanoTime, Timer timer) {
        this.gate = gate;
        this.nanoTime = nanoTime;
        this.timer = timer;
        this.wake = () -> gate.open(Reason.PACE);
        this.windowStart = nanoTime.getAsLong();
    }

    /** One more message came. */
    void frame() {
        frames++;
    }

    /** The event loop has read what there was. */
    void burstEnd() {
        if (frames == 0) {
            return;
        }
        long now = nanoTime.getAsLong();
        long elapsed = now - windowStart;
        boolean behind = frames > BEHIND && frames * WINDOW_NANOS > BEHIND * elapsed;
        if (behind) {
            gate.shut(Reason.PACE);
            timer.after(REST, wake);
        }
        if (behind || elapsed > WINDOW_NANOS) {
            frames = 0;
            windowStart = now;
        }
    }
}
