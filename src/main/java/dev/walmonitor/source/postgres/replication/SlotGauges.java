package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.LogGauges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The question for a slot's gauges, and its answer. */
final class SlotGauges {
    private static final String END =
            "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end";

    private SlotGauges() {}

    static String question(String slotLiteral) {
        return "select greatest(pg_wal_lsn_diff("
                + END
                + ", confirmed_flush_lsn), 0)::int8, greatest(pg_wal_lsn_diff("
                + END
                + ", restart_lsn), 0)::int8, active, safe_wal_size, coalesce(age(catalog_xmin), 0)"
                + " from pg_catalog.pg_replication_slots where slot_name = "
                + slotLiteral;
    }

    static LogGauges answer(List<List<@Nullable String>> rows) {
        if (rows.isEmpty()) {
            return LogGauges.NONE;
        }
        List<@Nullable String> row = rows.getFirst();
        String safe = row.get(3);
        return new LogGauges(
                number(row.get(0)),
                number(row.get(1)),
                "t".equals(row.get(2)),
                safe == null ? null : Long.valueOf(safe),
                number(row.get(4)));
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }
}
