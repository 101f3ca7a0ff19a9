package dev.walmonitor.change;

import java.time.Instant;

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
 */
public record Transaction(
        String source, long epoch, Position commit, Instant time, int xid, Delivery delivery) {

    /** One that comes for the first time. */
    public Transaction(String source, long epoch, Position commit, Instant time, int xid) {
        this(source, epoch, commit, time, xid, Delivery.FIRST);
    }

    /** The same, told in another way. */
    public Transaction as(Delivery another) {
        return another == delivery
                ? this
                : new Transaction(source, epoch, commit, time, xid, another);
    }
}
