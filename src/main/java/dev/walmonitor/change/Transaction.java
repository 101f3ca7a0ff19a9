package dev.walmonitor.change;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A committed transaction.
 *
 * @param source the name of the source it came from
 * @param epoch of the log that it was read from, as in {@link LogIdentity#epoch}
 * @param commit the place of its commit record; the only position by which transactions are ordered
 * @param time when it was committed, by the database's clock
 * @param xid the transaction's number, unsigned 32 bits; for people and visibility checks only, it
 *     wraps around
 * @param delivery whether it may have come before
 * @param trace where it belongs in a trace of the application's, which has said so within it; null
 *     if it has not
 */
public record Transaction(
        String source,
        long epoch,
        Position commit,
        Instant time,
        int xid,
        Delivery delivery,
        @Nullable TraceContext trace) {

    /** One that is part of nobody's trace. */
    public Transaction(
            String source, long epoch, Position commit, Instant time, int xid, Delivery delivery) {
        this(source, epoch, commit, time, xid, delivery, null);
    }

    /** One that comes for the first time. */
    public Transaction(String source, long epoch, Position commit, Instant time, int xid) {
        this(source, epoch, commit, time, xid, Delivery.FIRST);
    }

    /** The same, told in another way. */
    public Transaction as(Delivery another) {
        return another == delivery
                ? this
                : new Transaction(source, epoch, commit, time, xid, another, trace);
    }

    /** The same, at another place of a trace. */
    public Transaction within(@Nullable TraceContext place) {
        return new Transaction(source, epoch, commit, time, xid, delivery, place);
    }
}
