package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;

/** The replication slot as the server shows it, once it is known to be ours to read. */
sealed interface SlotSeen {

    record Missing() implements SlotSeen {}

    /**
     * The server has given it up.
     *
     * @param reason in the server's word where it has one, such as {@code wal_removed}
     */
    record Lost(String reason) implements SlotSeen {}

    /**
     * @param confirmed the position that the slot has confirmed
     * @param failover whether it goes along with a fail-over
     */
    record There(Lsn confirmed, boolean failover) implements SlotSeen {}
}
