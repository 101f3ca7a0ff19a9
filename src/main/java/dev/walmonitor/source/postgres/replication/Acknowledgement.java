package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;

/**
 * What one connection has received and what of it is done: the guard before every status message.
 * Owned by the connection's event loop.
 *
 * <p>The server takes any position it is told, even one beyond the end of its log, and then drops
 * real commits; so nothing is told that was not delivered to us on this very connection, and
 * nothing is ever taken back.
 */
final class Acknowledgement {
    private Lsn received;
    private Lsn confirmable;
    private Lsn flushed;

    /**
     * @param confirmedFlush the slot's, read on this connection before the stream began
     */
    Acknowledgement(Lsn confirmedFlush) {
        this.received = confirmedFlush;
        this.confirmable = confirmedFlush;
        this.flushed = confirmedFlush;
    }

    /** Bytes of the log up to here have come; says nothing about what may be confirmed. */
    void received(long position) {
        if (Long.compareUnsigned(position, received.value()) > 0) {
            received = new Lsn(position);
        }
    }

    /**
     * A position that may be confirmed once everything before it is done: a commit's end, a
     * keepalive's.
     */
    void delivered(Lsn position) {
        received(position.value());
        confirmable = Position.later(confirmable, position);
    }

    /**
     * The stream starts further ahead than what is confirmed, because this process has the part
     * between already.
     */
    void startedAt(Lsn position) {
        delivered(position);
    }

    boolean isDelivered(Lsn position) {
        return !position.isAfter(confirmable);
    }

    /**
     * Everything before the position is done.
     *
     * @return whether that is news
     * @throws IllegalStateException if the position was never delivered
     */
    boolean confirm(Lsn position) {
        if (position.isAfter(confirmable)) {
            throw new IllegalStateException(
                    "Position "
                            + position
                            + " was to be confirmed, but nothing after "
                            + confirmable
                            + " was delivered");
        }
        if (!position.isAfter(flushed)) {
            return false;
        }
        flushed = position;
        return true;
    }

    Lsn received() {
        return received;
    }

    Lsn flushed() {
        return flushed;
    }
}
