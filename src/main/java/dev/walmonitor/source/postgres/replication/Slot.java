package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import org.jboss.logging.Logger;

/** The replication slot: looked at, and made if it is not there. */
final class Slot {
    private static final Logger LOG = Logger.getLogger(Slot.class);

    private final SlotOptions options;
    private final Remedies remedies;

    Slot(SlotOptions options, Remedies remedies) {
        this.options = options;
        this.remedies = remedies;
    }

    /**
     * Fails if somebody else holds the slot, before anything is changed for a stream that cannot
     * start.
     */
    Future<Void> checkFree(WireConnection connection) {
        return look(connection)
                .compose(found -> {
                    if (!found.rows().isEmpty() && "t".equals(found.value(0, "active"))) {
                        return Future.failedFuture(
                                new ReplicationException(
                                        new SourceFailure(
                                                SourceState.STANDBY,
                                                "55006",
                                                "Slot "
                                                        + options.slot()
                                                        + " is held by another connection (backend "
                                                        + found.value(0, "active_pid")
                                                        + ").",
                                                null,
                                                Retry.SOON)));
                    }
                    return Future.succeededFuture();
                });
    }

    /**
     * The position that the slot has confirmed.
     *
     * @param known whether the slot has been ours before: then it is not made anew when it is gone,
     *     as that would hide a gap
     */
    Future<Lsn> ensure(WireConnection connection, boolean known) {
        return look(connection)
                .compose(found -> {
                    if (!found.rows().isEmpty()) {
                        return Future.succeededFuture(checked(found));
                    }
                    if (known) {
                        return Future.failedFuture(
                                new ReplicationException(
                                        remedies.lost(
                                                "42704",
                                                "Slot "
                                                        + options.slot()
                                                        + " was dropped while it was in use.")));
                    }
                    if (!options.manage()) {
                        return Future.failedFuture(
                                new ReplicationException(
                                        Remedies.slowly(
                                                "slot",
                                                "There is no replication slot "
                                                        + options.slot()
                                                        + ", and manage is false.",
                                                "Create it: SELECT pg_create_logical_replication_slot("
                                                        + options.slotLiteral()
                                                        + ", 'pgoutput')")));
                    }
                    LOG.infof(
                            "Creating replication slot %s (this waits for transactions that are open now)",
                            options.slot());
                    return connection
                            .query(
                                    "CREATE_REPLICATION_SLOT "
                                            + options.quotedSlot()
                                            + " LOGICAL pgoutput NOEXPORT_SNAPSHOT")
                            .map(made ->
                                    Lsn.parse(String.valueOf(made.value(0, "consistent_point"))));
                });
    }

    private Future<QueryResult> look(WireConnection connection) {
        return connection.query(
                "select plugin, database, current_database() as here, active, active_pid,"
                        + " confirmed_flush_lsn, wal_status, two_phase from pg_catalog.pg_replication_slots where slot_name = "
                        + options.slotLiteral());
    }

    private Lsn checked(QueryResult found) {
        String plugin = String.valueOf(found.value(0, "plugin"));
        if (!plugin.equals("pgoutput")) {
            throw wrong("has the plugin " + plugin + " and not pgoutput");
        }
        if (!String.valueOf(found.value(0, "database")).equals(found.value(0, "here"))) {
            throw wrong(
                    "belongs to database "
                            + found.value(0, "database")
                            + " and not to "
                            + found.value(0, "here"));
        }
        if ("t".equals(found.value(0, "two_phase"))) {
            throw wrong(
                    "was made for two-phase commit, which delivers transactions that may never happen");
        }
        if ("lost".equals(found.value(0, "wal_status"))) {
            throw new ReplicationException(
                    remedies.lost(
                            "55000",
                            "Slot "
                                    + options.slot()
                                    + " was invalidated: the server has removed log that it had not read."));
        }
        String confirmed = found.value(0, "confirmed_flush_lsn");
        if (confirmed == null) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.CONNECTING,
                            "slot",
                            "Slot " + options.slot() + " is still being made.",
                            "It waits for the transactions that were open when it was begun.",
                            Retry.SOON));
        }
        return Lsn.parse(confirmed);
    }

    private ReplicationException wrong(String what) {
        return new ReplicationException(
                Remedies.slowly(
                        "slot",
                        "Slot " + options.slot() + " " + what + ".",
                        "Name another slot, or drop this one."));
    }
}
