package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of the server before anything else is asked of it.
 *
 * @param systemId tells this cluster from every other one, but not from its copies
 * @param timeline the branch of its history that it writes
 * @param end the present end of its log
 * @param version as in {@code server_version_num}, such as 180006
 * @param walSenderTimeout after which silence it hangs up; zero for never
 * @param isStandby whether it follows another server, so that nothing can be written to it
 * @param encoding the database's
 */
record Server(
        String systemId,
        long timeline,
        Lsn end,
        int version,
        Duration walSenderTimeout,
        boolean isStandby,
        String encoding) {
    static final int OLDEST = 140_000;
    static final int DECODES_ON_STANDBY = 160_000;

    /** Slots can follow a fail-over from here on. */
    static final int FAILOVER_SLOTS = 170_000;

    private static final String SETTINGS =
            "select current_setting('server_version_num'), current_setting('wal_level'),"
                    + " (select setting from pg_catalog.pg_settings where name = 'wal_sender_timeout'),"
                    + " (select rolreplication or rolsuper from pg_catalog.pg_roles where rolname = current_user),"
                    + " current_user, pg_catalog.pg_is_in_recovery(), current_setting('server_encoding')";

    static Future<Server> ask(WireConnection connection) {
        return connection
                .query(SETTINGS)
                .map(Server::checked)
                .compose(row -> connection.query("IDENTIFY_SYSTEM").map(system -> of(row, system)));
    }

    /** The encoding in which text has no meaning that the server would know of. */
    boolean isWithoutEncoding() {
        return encoding.equals("SQL_ASCII");
    }

    /** What an operator should know, beside what was remarked on the publication. */
    List<String> remarks(List<String> publication) {
        List<String> remarks = new ArrayList<>(publication);
        if (isWithoutEncoding()) {
            remarks.add(
                    "The database has no encoding (SQL_ASCII): bytes that are not UTF-8 are replaced.");
        }
        return remarks;
    }

    /**
     * Whether another connection has led to the same server.
     *
     * @param system the answer to IDENTIFY_SYSTEM
     * @throws ReplicationException if not
     */
    boolean stillAnswers(QueryResult system) {
        if (!systemId.equals(system.value(0, "systemid"))
                || timeline != Long.parseLong(String.valueOf(system.value(0, "timeline")))) {
            throw new ReplicationException(
                    Remedies.soon(
                            "identity",
                            "Another server answers than a moment ago; all is asked anew."));
        }
        return true;
    }

    private static QueryResult checked(QueryResult settings) {
        List<@Nullable String> row = settings.rows().getFirst();
        int version = Integer.parseInt(Catalogue.text(row, 0));
        if (version < OLDEST) {
            throw new ReplicationException(
                    Remedies.slowly(
                            "version",
                            "The server is older than PostgreSQL 14 (server_version_num "
                                    + row.get(0)
                                    + ").",
                            "PostgreSQL 14 to 18 are supported."));
        }
        if (!Catalogue.text(row, 1).equals("logical")) {
            throw new ReplicationException(
                    Remedies.slowly(
                            "wal_level",
                            "The server writes its log with wal_level="
                                    + row.get(1)
                                    + ", which holds no row changes.",
                            "Run ALTER SYSTEM SET wal_level = 'logical' and restart the server."));
        }
        if (!"t".equals(row.get(3))) {
            throw new ReplicationException(
                    Remedies.slowly(
                            "42501",
                            "Role " + row.get(4) + " may not read the log.",
                            "Run ALTER ROLE \"" + row.get(4) + "\" REPLICATION."));
        }
        if ("t".equals(row.get(5)) && version < DECODES_ON_STANDBY) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.CONNECTING,
                            "standby",
                            "The server is a standby, from which PostgreSQL before 16 gives no row changes.",
                            "Name the primary in the source's URL, or wait until this one is promoted.",
                            Retry.SOON));
        }
        return settings;
    }

    private static Server of(QueryResult settings, QueryResult system) {
        List<@Nullable String> row = settings.rows().getFirst();
        return new Server(
                String.valueOf(system.value(0, "systemid")),
                Long.parseLong(String.valueOf(system.value(0, "timeline"))),
                Lsn.parse(String.valueOf(system.value(0, "xlogpos"))),
                Integer.parseInt(Catalogue.text(row, 0)),
                Duration.ofMillis(Long.parseLong(Catalogue.text(row, 2))),
                "t".equals(row.get(5)),
                Catalogue.text(row, 6));
    }
}
