package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The replication slot: looked at, made, dropped. */
final class Slot {
    private static final Logger LOG = Logger.getLogger(Slot.class);
    private static final int INVALIDATION_REASON = 170_000;

    private final SlotOptions options;

    Slot(SlotOptions options) {
        this.options = options;
    }

    /**
     * Fails if somebody else holds the slot, before anything is changed for a stream that cannot
     * start, and if it is a slot that we must not read.
     */
    Future<SlotSeen> look(WireConnection connection, Server server) {
        String later =
                server.version() < INVALIDATION_REASON
                        ? "null as invalidation_reason, false as failover, false as synced"
                        : "invalidation_reason, failover, synced";
        return connection
                .query(
                        "select plugin, database, current_database() as here, active, active_pid,"
                                + " confirmed_flush_lsn, wal_status, two_phase, "
                                + later
                                + " from pg_catalog.pg_replication_slots where slot_name = "
                                + options.slotLiteral())
                .map(found ->
                        found.rows().isEmpty() ? new SlotSeen.Missing() : seen(found, server));
    }

    private SlotSeen seen(QueryResult found, Server server) {
        if (isTrue(found, "active")) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.STANDBY,
                            "55006",
                            "Slot "
                                    + options.slot()
                                    + " is held by another connection (backend "
                                    + found.value(0, "active_pid")
                                    + ").",
                            null,
                            Retry.SOON));
        }
        checkKind(found);
        if (isTrue(found, "synced") && server.isStandby()) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.CONNECTING,
                            "standby",
                            "The server is a standby, and its slot "
                                    + options.slot()
                                    + " follows the primary's.",
                            "It can be read when the standby is promoted.",
                            Retry.SOON));
        }
        String reason = found.value(0, "invalidation_reason");
        if (reason != null || "lost".equals(found.value(0, "wal_status"))) {
            return new SlotSeen.Lost(reason == null ? "wal_removed" : reason);
        }
        return new SlotSeen.There(confirmed(found), isTrue(found, "failover"));
    }

    private void checkKind(QueryResult found) {
        String plugin = String.valueOf(found.value(0, "plugin"));
        if (!plugin.equals("pgoutput")) {
            throw wrong("has the plugin " + plugin + " and not pgoutput");
        }
        if (!Objects.equals(found.value(0, "database"), found.value(0, "here"))) {
            throw wrong(
                    "belongs to database "
                            + found.value(0, "database")
                            + " and not to "
                            + found.value(0, "here"));
        }
        if (isTrue(found, "two_phase")) {
            throw wrong(
                    "was made for two-phase commit, which delivers transactions that may never happen");
        }
    }

    private Lsn confirmed(QueryResult found) {
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

    /**
     * Makes the slot; waits for every transaction that is open now.
     *
     * @return the position from which it is complete
     */
    Future<Lsn> create(WireConnection connection, Server server) {
        LOG.infof(
                "Creating replication slot %s (this waits for transactions that are open now)",
                options.slot());
        boolean failover = wantsFailover(server);
        String suffix = failover ? " (SNAPSHOT 'nothing', FAILOVER true)" : " NOEXPORT_SNAPSHOT";
        return connection
                .query(
                        "CREATE_REPLICATION_SLOT "
                                + options.quotedSlot()
                                + " LOGICAL pgoutput"
                                + suffix)
                .map(made -> Lsn.parse(String.valueOf(made.value(0, "consistent_point"))));
    }

    Future<Void> drop(WireConnection connection) {
        LOG.infof("Dropping replication slot %s", options.slot());
        return connection.query("DROP_REPLICATION_SLOT " + options.quotedSlot()).mapEmpty();
    }

    /** A slot of an older server, or of somebody else's making, learns to follow a fail-over. */
    Future<Void> follow(WireConnection connection, Server server, SlotSeen.There seen) {
        if (seen.failover() || !options.manage() || !wantsFailover(server)) {
            return Future.succeededFuture();
        }
        LOG.infof("Replication slot %s will follow a fail-over from now on", options.slot());
        return connection
                .query("ALTER_REPLICATION_SLOT " + options.quotedSlot() + " (FAILOVER true)")
                .mapEmpty();
    }

    private boolean wantsFailover(Server server) {
        return options.failover()
                && server.version() >= Server.FAILOVER_SLOTS
                && !server.isStandby();
    }

    private static boolean isTrue(QueryResult found, String column) {
        @Nullable String value = found.value(0, column);
        return "t".equals(value);
    }

    private ReplicationException wrong(String what) {
        return new ReplicationException(
                Remedies.slowly(
                        "slot",
                        "Slot " + options.slot() + " " + what + ".",
                        "Name another slot, or drop this one."));
    }
}
