package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What keeps the log that a slot has reserved, as the server shows it at one moment: whether giving
 * the slot up would free it.
 *
 * @param ours whether it is a pgoutput slot of the database that we follow
 * @param holder the process that reads from the slot; 0 if none does
 * @param gauges how far it is behind
 * @param other the slot that keeps the oldest log besides; null if no other keeps any
 * @param freed how much more that one keeps than ours, in bytes; negative if it keeps more than
 *     ours
 */
record Retention(boolean ours, int holder, LogGauges gauges, @Nullable String other, long freed) {

    static String question(String slotLiteral) {
        String end =
                "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end";
        return "select s.plugin = 'pgoutput' and s.database = current_database(), coalesce(s.active_pid, 0),"
                + " greatest(pg_wal_lsn_diff("
                + end
                + ", s.confirmed_flush_lsn), 0)::int8, greatest(pg_wal_lsn_diff("
                + end
                + ", s.restart_lsn), 0)::int8, o.slot_name,"
                + " coalesce(pg_wal_lsn_diff(o.restart_lsn, s.restart_lsn), 0)::int8"
                + " from pg_catalog.pg_replication_slots s left join lateral (select slot_name, restart_lsn"
                + " from pg_catalog.pg_replication_slots where slot_name <> s.slot_name and restart_lsn is not null"
                + " and wal_status is distinct from 'lost' order by restart_lsn limit 1) o on true"
                + " where s.slot_name = "
                + slotLiteral;
    }

    /**
     * @return null if there is no such slot
     */
    static @Nullable Retention answer(List<List<@Nullable String>> rows) {
        if (rows.isEmpty()) {
            return null;
        }
        List<@Nullable String> row = rows.getFirst();
        int holder = (int) number(row.get(1));
        return new Retention(
                "t".equals(row.get(0)),
                holder,
                new LogGauges(number(row.get(2)), number(row.get(3)), holder != 0),
                row.get(4),
                number(row.get(5)));
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    /**
     * Why the slot is not to be given up; null if it may be.
     *
     * @param slot its name
     * @param reader the process of the server that sends to us; 0 if none does
     */
    Consent.@Nullable Refused refusal(String slot, int reader) {
        if (!ours) {
            return new Consent.Refused(
                    "Slot " + slot + " is not ours: it is of another database or another plugin.",
                    "Name another slot.");
        }
        if (holder != 0 && holder != reader) {
            return new Consent.Refused(
                    "Slot " + slot + " is read by another connection (backend " + holder + ").",
                    "Find out which client that is: SELECT * FROM pg_stat_activity WHERE pid = "
                            + holder);
        }
        if (!gauges.isOurs()) {
            return new Consent.Refused(
                    "Slot "
                            + slot
                            + " keeps "
                            + gauges.retainedBytes()
                            + " bytes of log, of which only "
                            + gauges.lagBytes()
                            + " are not confirmed: a transaction that was left open holds the rest.",
                    "Find and end it: SELECT pid, xact_start, query FROM pg_stat_activity WHERE xact_start IS NOT NULL"
                            + " ORDER BY xact_start");
        }
        if (other != null && freed < gauges.retainedBytes() / 2) {
            return new Consent.Refused(
                    "Slot "
                            + other
                            + " keeps the same log: without slot "
                            + slot
                            + " the disk would be no emptier.",
                    "Find out who reads from slot "
                            + other
                            + ", and why it does not move on; if nobody needs it: SELECT pg_drop_replication_slot('"
                            + other.replace("'", "''")
                            + "')");
        }
        return null;
    }
}
