package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Finding;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.Sql;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be said of replication slots. Pure: questions, and what answers mean. */
final class SlotHealth {

    private SlotHealth() {}

    static String own(SlotOptions options) {
        return """
        select s.plugin, s.database, current_database() as here, s.wal_status, s.active,
               to_jsonb(s) ->> 'failover' as failover, to_jsonb(s) ->> 'synced' as synced,
               to_jsonb(s) ->> 'two_phase' as two_phase, s.slot_type
        from pg_catalog.pg_replication_slots s where s.slot_name = %s
        """
                .formatted(options.slotLiteral());
    }

    static String others(SlotOptions options) {
        return """
        select slot_name, coalesce(wal_status, 'reserved'),
               coalesce(pg_catalog.pg_size_pretty(case when pg_catalog.pg_is_in_recovery() then null
                 else pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) end), 'no log')
        from pg_catalog.pg_replication_slots s
        where slot_name <> %s and not active and not temporary
          and coalesce((to_jsonb(s) ->> 'synced')::boolean, false) = false
        order by 1
        """
                .formatted(options.slotLiteral());
    }

    static List<Finding> own(QueryResult answer, SlotOptions options) {
        String slot = options.slot();
        if (answer.rows().isEmpty()) {
            return List.of(
                    options.manage()
                            ? Finding.remark(
                                    "slot",
                                    "There is no slot " + slot + " yet.",
                                    "It is made by the first start, or by wal-monitor setup.")
                            : Finding.fault(
                                    "slot",
                                    "There is no slot " + slot + ", and manage is false.",
                                    "",
                                    "SELECT pg_create_logical_replication_slot("
                                            + options.slotLiteral()
                                            + ", 'pgoutput')"));
        }
        List<Finding> found = new ArrayList<>();
        String foreign = foreign(answer);
        if (foreign != null) {
            found.add(
                    Finding.fault(
                            "slot",
                            "Slot " + slot + " " + foreign + ".",
                            "Or name another slot in the source's settings.",
                            "SELECT pg_drop_replication_slot(" + options.slotLiteral() + ")"));
            return found;
        }
        switch (String.valueOf(answer.value(0, "wal_status"))) {
            case "lost" ->
                    found.add(
                            Finding.fault(
                                    "slot",
                                    "The server has given up slot "
                                            + slot
                                            + ": what was not read is lost.",
                                    "Run wal-monitor reset, which puts the gap on record."));
            case "unreserved" ->
                    found.add(
                            Finding.fault(
                                    "slot",
                                    "Slot "
                                            + slot
                                            + " is given up at the next checkpoint: log that it has not read is"
                                            + " beyond max_slot_wal_keep_size.",
                                    "Start the service at once, or raise max_slot_wal_keep_size."));
            default -> {}
        }
        if (options.failover()
                && "false".equals(answer.value(0, "failover"))
                && !"true".equals(answer.value(0, "synced"))) {
            found.add(
                    Finding.remark(
                            "fail-over",
                            "Slot " + slot + " does not go along with a fail-over.",
                            options.manage()
                                    ? "It will from the next start of the service on."
                                    : "Run ALTER_REPLICATION_SLOT "
                                            + options.quotedSlot()
                                            + " (FAILOVER true) over a replication connection."));
        }
        return found;
    }

    private static @Nullable String foreign(QueryResult answer) {
        if (!"pgoutput".equals(answer.value(0, "plugin"))) {
            return "physical".equals(answer.value(0, "slot_type"))
                    ? "is one for a standby"
                    : "has the plugin " + answer.value(0, "plugin") + " and not pgoutput";
        }
        if (!String.valueOf(answer.value(0, "here")).equals(answer.value(0, "database"))) {
            return "belongs to database "
                    + answer.value(0, "database")
                    + " and not to "
                    + answer.value(0, "here");
        }
        return "true".equals(answer.value(0, "two_phase"))
                ? "was made for two-phase commit, which delivers transactions that may never happen"
                : null;
    }

    /** Slots of others, which nobody reads from. */
    static List<Finding> others(QueryResult answer) {
        List<Finding> found = new ArrayList<>();
        for (List<@Nullable String> row : answer.rows()) {
            String slot = Catalogue.text(row, 0);
            found.add(
                    Finding.warning(
                            "slots",
                            "Nobody reads from slot "
                                    + slot
                                    + " ("
                                    + row.get(1)
                                    + "), for which the server keeps "
                                    + row.get(2)
                                    + ".",
                            "If nobody needs it.",
                            "SELECT pg_drop_replication_slot(" + Sql.literal(slot) + ")"));
        }
        return found;
    }
}
