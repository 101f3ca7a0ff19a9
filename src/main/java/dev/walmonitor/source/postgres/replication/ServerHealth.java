package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Finding;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.Sql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be said of the server and the role. Pure: questions, and what answers mean. */
final class ServerHealth {
    static final String SETTINGS =
            """
            select current_setting('server_version_num') as version, current_setting('wal_level') as wal_level,
                   current_setting('max_replication_slots')::int as max_slots,
                   (select count(*) from pg_catalog.pg_replication_slots) as slots,
                   current_setting('max_wal_senders')::int as max_senders,
                   (select count(*) from pg_catalog.pg_stat_replication) as senders,
                   current_setting('max_slot_wal_keep_size') as keep_size,
                   current_setting('idle_replication_slot_timeout', true) as idle_timeout,
                   current_setting('synchronized_standby_slots', true) as synchronized,
                   (select string_agg(slot_name, ', ' order by slot_name) from pg_catalog.pg_replication_slots
                    where slot_type = 'physical' and active) as standbys,
                   pg_catalog.pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding
            """;

    static final String ROLE =
            """
            select current_user as role, rolsuper or rolreplication as replicates,
                   pg_catalog.has_database_privilege(current_database(), 'CREATE') as creates, current_database() as db,
                   exists (select 1 from pg_catalog.pg_namespace where nspname = 'wal_monitor') as schema
            from pg_catalog.pg_roles where rolname = current_user
            """;

    /** From when on a transaction is told of: one that is open, and one that was prepared. */
    record Ages(Duration open, Duration prepared) {
        static final Ages USUAL = new Ages(Duration.ofMinutes(10), Duration.ofMinutes(1));
    }

    /**
     * Transactions that may hold up a new slot, and of which the role may not see how old they are.
     */
    static final String HIDDEN =
            """
            select count(*), current_user from pg_catalog.pg_stat_activity
            where datname = current_database() and usesysid is not null and xact_start is null
              and (backend_xid is not null or backend_xmin is not null)
            """;

    private static final String RESTART = "Then restart the server.";
    private static final String RELOAD = "SELECT pg_reload_conf()";
    private static final int HEADROOM = 10;

    private ServerHealth() {}

    /** Long transactions of this database: a new slot waits for them, and log is kept for them. */
    static String open(Ages ages) {
        return """
        select pid, coalesce(usename, '?'), extract(epoch from now() - xact_start)::bigint / 60
        from pg_catalog.pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()
          and xact_start < now() - interval '%d milliseconds'
        order by xact_start limit 10
        """
                .formatted(ages.open().toMillis());
    }

    static String prepared(Ages ages) {
        return """
        select gid, extract(epoch from now() - prepared)::bigint / 60 from pg_catalog.pg_prepared_xacts
        where database = current_database() and prepared < now() - interval '%d milliseconds'
        order by prepared limit 10
        """
                .formatted(ages.prepared().toMillis());
    }

    static List<Finding> settings(QueryResult answer, SlotOptions options) {
        List<Finding> found = new ArrayList<>();
        int version = Integer.parseInt(text(answer, "version"));
        if (version < Server.OLDEST) {
            found.add(
                    Finding.fault(
                            "version",
                            "The server is older than PostgreSQL 14 (server_version_num "
                                    + version
                                    + ").",
                            "PostgreSQL 14 to 18 are supported."));
        }
        if (!text(answer, "wal_level").equals("logical")) {
            found.add(
                    Finding.fault(
                            "wal_level",
                            "The server writes its log with wal_level="
                                    + text(answer, "wal_level")
                                    + ", which holds no row changes.",
                            RESTART,
                            "ALTER SYSTEM SET wal_level = 'logical'"));
        }
        int slots = number(answer, "slots");
        if (slots >= number(answer, "max_slots")) {
            found.add(
                    Finding.fault(
                            "max_replication_slots",
                            "All " + slots + " replication slots of the server are in use.",
                            "Then restart the server; or drop a slot that nobody uses any more.",
                            "ALTER SYSTEM SET max_replication_slots = " + (slots + HEADROOM)));
        }
        int senders = number(answer, "senders");
        if (senders >= number(answer, "max_senders")) {
            found.add(
                    Finding.fault(
                            "max_wal_senders",
                            "The server lets "
                                    + number(answer, "max_senders")
                                    + " streams run, and "
                                    + senders
                                    + " do.",
                            RESTART,
                            "ALTER SYSTEM SET max_wal_senders = " + (senders + HEADROOM)));
        }
        disk(answer, found);
        failover(answer, version, options, found);
        if (isTrue(answer, "standby") && version < Server.DECODES_ON_STANDBY) {
            found.add(
                    Finding.fault(
                            "version",
                            "The server is a standby, from which PostgreSQL before 16 gives no row changes.",
                            "Name the primary in the source's URL."));
        }
        if (text(answer, "encoding").equals("SQL_ASCII")) {
            found.add(
                    Finding.remark(
                            "encoding",
                            "The database has no encoding (SQL_ASCII): bytes that are not UTF-8 are replaced.",
                            ""));
        }
        return found;
    }

    private static void disk(QueryResult answer, List<Finding> found) {
        if (text(answer, "keep_size").equals("-1")) {
            found.add(
                    Finding.warning(
                            "max_slot_wal_keep_size",
                            "A slot that nobody reads from keeps log without limit, until the server's disk is full.",
                            "Choose a size that the disk has to spare.",
                            "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                            RELOAD));
        }
        @Nullable String idle = answer.value(0, "idle_timeout");
        if (idle != null && !idle.equals("0")) {
            found.add(
                    Finding.warning(
                            "idle_replication_slot_timeout",
                            "A slot that is not read from for "
                                    + idle
                                    + " is given up, and with it what was not read.",
                            "Have it longer than you may ever be away, or 0.",
                            "ALTER SYSTEM SET idle_replication_slot_timeout = 0",
                            RELOAD));
        }
    }

    private static void failover(
            QueryResult answer, int version, SlotOptions options, List<Finding> found) {
        @Nullable String standbys = answer.value(0, "standbys");
        if (standbys == null || !options.failover()) {
            return;
        }
        if (version < Server.FAILOVER_SLOTS) {
            found.add(
                    Finding.warning(
                            "fail-over",
                            "The server has standbys ("
                                    + standbys
                                    + "), and before PostgreSQL 17 no slot goes along with a fail-over.",
                            "After one, what was not read is lost: reset the source then."));
        } else if ("".equals(answer.value(0, "synchronized"))) {
            found.add(
                    Finding.warning(
                            "fail-over",
                            "Changes may be handled before the standbys ("
                                    + standbys
                                    + ") have them, and be undone by a fail-over.",
                            "The standbys need sync_replication_slots and hot_standby_feedback too.",
                            "ALTER SYSTEM SET synchronized_standby_slots = "
                                    + Sql.literal(standbys),
                            RELOAD));
        }
    }

    static List<Finding> role(QueryResult answer, SlotOptions options) {
        List<Finding> found = new ArrayList<>();
        String role = text(answer, "role");
        if (!isTrue(answer, "replicates")) {
            found.add(
                    Finding.fault(
                            "role",
                            "Role " + role + " may not read the log.",
                            "",
                            "ALTER ROLE " + Sql.identifier(role) + " REPLICATION"));
        }
        if (!isTrue(answer, "creates") && (options.manage() || !isTrue(answer, "schema"))) {
            found.add(
                    Finding.fault(
                            "rights",
                            "Role "
                                    + role
                                    + " may make no publication and no schema in database "
                                    + text(answer, "db")
                                    + ".",
                            "",
                            "GRANT CREATE ON DATABASE "
                                    + Sql.identifier(text(answer, "db"))
                                    + " TO "
                                    + Sql.identifier(role)));
        }
        return found;
    }

    static List<Finding> open(QueryResult answer) {
        List<Finding> found = new ArrayList<>();
        for (List<@Nullable String> row : answer.rows()) {
            found.add(
                    Finding.warning(
                            "transactions",
                            "Backend "
                                    + row.get(0)
                                    + " ("
                                    + row.get(1)
                                    + ") has had a transaction open for "
                                    + row.get(2)
                                    + " minutes: a new slot waits for it, and log is kept for it.",
                            "If nobody needs it.",
                            "SELECT pg_terminate_backend(" + row.get(0) + ")"));
        }
        return found;
    }

    static List<Finding> hidden(QueryResult answer) {
        List<@Nullable String> row = answer.rows().getFirst();
        long many = Long.parseLong(Catalogue.text(row, 0));
        String role = Catalogue.text(row, 1);
        return many == 0
                ? List.of()
                : List.of(
                        Finding.remark(
                                "transactions",
                                "Role "
                                        + role
                                        + " may not see since when "
                                        + many
                                        + (many == 1
                                                ? " transaction of other roles is open."
                                                : " transactions of other roles are open."),
                                "With that it sees them all.",
                                "GRANT pg_read_all_stats TO " + Sql.identifier(role)));
    }

    static List<Finding> prepared(QueryResult answer) {
        List<Finding> found = new ArrayList<>();
        for (List<@Nullable String> row : answer.rows()) {
            String gid = Catalogue.text(row, 0);
            found.add(
                    Finding.warning(
                            "prepared transactions",
                            "Transaction "
                                    + gid
                                    + " was prepared "
                                    + row.get(1)
                                    + " minutes ago and never ended: a new slot waits for it, and log is"
                                    + " kept for it.",
                            "If its coordinator is gone; COMMIT PREPARED is the other way.",
                            "ROLLBACK PREPARED " + Sql.literal(gid)));
        }
        return found;
    }

    private static String text(QueryResult answer, String column) {
        return String.valueOf(answer.value(0, column));
    }

    private static int number(QueryResult answer, String column) {
        return Integer.parseInt(text(answer, column));
    }

    private static boolean isTrue(QueryResult answer, String column) {
        return text(answer, column).equals("t");
    }
}
