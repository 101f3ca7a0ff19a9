package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Slots of consumers that have gone. */
final class Slots {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private Slots() {}

    /** Drops a slot as soon as the server has noticed that its consumer is gone. */
    static void drop(MeasuredPostgres server, String slot)
            throws SQLException, InterruptedException {
        long until = System.nanoTime() + LIMIT.toNanos();
        String active = "select active from pg_replication_slots where slot_name = '" + slot + "'";
        while (server.column(active).equals(List.of("t"))) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        "Expected nobody to use slot " + slot + " any more");
            }
            Thread.sleep(20);
        }
        server.run(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '"
                        + slot
                        + "'");
    }
}
