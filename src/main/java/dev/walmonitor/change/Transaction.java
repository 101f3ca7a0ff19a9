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
 */
public record Transaction(String source, long epoch, Position commit, Instant time, int xid) {}
