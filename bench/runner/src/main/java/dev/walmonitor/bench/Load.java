package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Single-row transactions at a steady rate, at random moments as of many independent clients. Who
 * falls behind catches up, and does not slow the rate down.
 */
record Load(MeasuredPostgres server, int rate) {
    static final String TABLE = "lat";
    static final String PUBLICATION = "bench_lat";

    private static final int CONNECTIONS = 8;

    private static final String INSERT =
            "insert into lat (stamp, name, qty, amount, created_at, active)"
                    + " values ((extract(epoch from clock_timestamp()) * 1000000)::int8,"
                    + " 'order of the customer with number 000000001', 42, 12.34, now(), true)";

    /** Makes the table, empty. A row's stamp is its second column. */
    static void prepare(MeasuredPostgres server) throws SQLException {
        server.run(
                "create table lat (id bigserial primary key, stamp int8, name text, qty int4,"
                        + " amount numeric(12,2), created_at timestamptz, active bool)",
                "alter table lat owner to app",
                "create publication " + PUBLICATION + " for table lat");
    }

    /** Makes transactions for some time; returns when the last is committed. */
    void run(Duration time) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                running.add(clients.submit(() -> insert(random, time)));
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    /** The row after which a consumer ends. */
    void end() throws SQLException {
        server.run("insert into lat (stamp) values (0)");
    }

    private Void insert(SplittableRandom random, Duration time) throws SQLException {
        try (Connection connection = server.connect();
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            long next = System.nanoTime();
            long until = next + time.toNanos();
            double mean = 1e9 * CONNECTIONS / rate;
            while (next < until) {
                next += (long) (-mean * Math.log(1 - random.nextDouble()));
                for (long wait = next - System.nanoTime();
                        wait > 0;
                        wait = next - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                insert.executeUpdate();
            }
            return null;
        }
    }
}
