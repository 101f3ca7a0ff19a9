package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.ReadGate.Reason;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Reads in big gulps while behind, owned by one connection's event loop.
 *
 * <p>The walsender makes one send a message. While the connection's window is open, each of these
 * sends goes its own way through the kernel, which costs the server more than decoding the row;
 * while it is full, they pile up and leave together. So while messages come faster than {@value
 * #BEHIND} in a millisecond, reading rests after each burst: first for {@link #REST}, and the
 * longer we have been behind the longer, up to {@link #LONGEST_REST}. When they come slower, every
 * read is immediate, for latency; and as commits of several clients come together too, it takes
 * {@value #WINDOWS} milliseconds' worth of messages to begin.
 */
final class ReadPacer {
    /** Messages a millisecond. */
    static final int BEHIND = 32;

    /** How many windows must be full before the first rest. */
    static final int WINDOWS = 4;

    /** An NIO event loop rounds it up to a millisecond; a native one does not. */
    static final Duration REST = Duration.ofNanos(500_000);

    private static final int DOUBLINGS = 4;
    static final Duration LONGEST_REST = REST.multipliedBy(1L << DOUBLINGS);

    /** After so many rests of one length the next are twice as long. */
    static final int RESTS_OF_A_LENGTH = 4;

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
    private int rests;

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
        int windows = rests == 0 ? WINDOWS : 1;
        boolean over = elapsed > windows * WINDOW_NANOS;
        boolean behind = frames > windows * BEHIND && frames * WINDOW_NANOS > BEHIND * elapsed;
        if (behind) {
            gate.shut(Reason.PACE);
            timer.after(rest(), wake);
        } else if (over) {
            rests = 0;
        }
        if (behind || over) {
            frames = 0;
            windowStart = now;
        }
    }

    private Duration rest() {
        if (rests > RESTS_OF_A_LENGTH * DOUBLINGS) {
            return LONGEST_REST;
        }
        return REST.multipliedBy(1L << (rests++ / RESTS_OF_A_LENGTH));
    }
}
