package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.postgres.pgoutput.StandbyStatusUpdate;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Tells the server how far we are: soon when there is news but ten times a second at most, and
 * often enough in any case. Owned by the connection's event loop.
 */
final class StatusSender {
    private static final Duration LEAST_BETWEEN = Duration.ofMillis(100);

    private final Acknowledgement acknowledgement;
    private final Timers timers;
    private final Duration interval;
    private final Consumer<Buffer> send;
    private boolean planned;
    private boolean over;
    private long lastNanos;

    /**
     * @param interval how often the server hears from us at least
     * @param send takes the content of a CopyData message
     */
    StatusSender(
            Acknowledgement acknowledgement,
            Timers timers,
            Duration interval,
            Consumer<Buffer> send) {
        this.acknowledgement = acknowledgement;
        this.timers = timers;
        this.interval = interval;
        this.send = send;
    }

    /** There is news. */
    void plan() {
        if (planned || over) {
            return;
        }
        planned = true;
        Duration since = Duration.ofNanos(System.nanoTime() - lastNanos);
        Duration wait = LEAST_BETWEEN.minus(since);
        timers.after(
                wait.isNegative() ? Duration.ZERO : wait,
                () -> {
                    if (planned) {
                        send(false);
                    }
                });
    }

    /** Whether the server has not heard from us for as long as it may. */
    boolean isDue(long nowNanos) {
        return nowNanos - lastNanos >= interval.toNanos();
    }

    /**
     * @param replyRequested whether the server is to answer with a keepalive
     */
    void send(boolean replyRequested) {
        if (over) {
            return;
        }
        planned = false;
        lastNanos = System.nanoTime();
        Lsn flushed = acknowledgement.flushed();
        byte[] message = new byte[StandbyStatusUpdate.LENGTH];
        new StandbyStatusUpdate(
                        acknowledgement.received(), flushed, flushed, Instant.now(), replyRequested)
                .writeTo(Unpooled.wrappedBuffer(message).clear());
        send.accept(Buffer.buffer(message));
    }

    /** The stream is over: nobody listens. */
    void stop() {
        over = true;
    }
}
