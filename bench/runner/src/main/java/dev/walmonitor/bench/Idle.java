package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import dev.walmonitor.embedded.MeasuredRedis;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the packaged service costs while nothing happens: with one source, a rule that caches rows
 * and one that calls somebody, in a database that nobody else uses. Nobody scrapes it.
 */
record Idle(
        MeasuredPostgres server,
        Quiet quiet,
        Path jar,
        Path logs,
        Duration warm,
        Duration measured) {
    static final String ID = "idle";

    private static final Duration LOOK = Duration.ofMillis(50);

    private static final String RULES =
            """
            wal-monitor:
              webhooks: { allowed-networks: 127.0.0.0/8 }
              rules:
                rows:
                  tables: public.items
                  cache: { key: "item:{id}", value: row }
                hook:
                  tables: public.items
                  webhook:
                    url: http://127.0.0.1:9/hook
                    secrets: [whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]
            """;

    /**
     * One run; everything but the memory is what came in a second.
     *
     * @param cpu seconds
     * @param compilers the JVM's compilers' part of them, which ends some day
     * @param statuses status messages to the server
     * @param upserts of the source's monitor row
     * @param writes of rows of all tables of ours, that one included
     * @param wakeUps of threads
     * @param allocated bytes
     * @param most the thread that allocated most, and how many bytes
     * @param memory the resident set at the end, in KB
     */
    record Run(
            double cpu,
            double compilers,
            double statuses,
            double upserts,
            double writes,
            double transactions,
            double wakeUps,
            double allocated,
            String most,
            long memory) {

        Map<String, Object> values(int rep) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("rep", rep);
            values.put("cpu_percent", 100 * cpu);
            values.put("compilers_percent", 100 * compilers);
            values.put("statuses", statuses);
            values.put("upserts", upserts);
            values.put("writes", writes);
            values.put("transactions", transactions);
            values.put("wake_ups", wakeUps);
            values.put("allocated", allocated);
            values.put("allocated_most", most);
            values.put("memory_kb", memory);
            return values;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.2f %% of a core, %.2f of it compiling; a second %.2f statuses, %.2f upserts, %.2f writes, %.2f transactions,"
                            + " %.0f wake-ups, %,.0f bytes (%s); %d MB",
                    100 * cpu,
                    100 * compilers,
                    statuses,
                    upserts,
                    writes,
                    transactions,
                    wakeUps,
                    allocated,
                    most,
                    memory / 1024);
        }
    }

    /** What has been counted since the service began. */
    private record Count(
            long nanos,
            double cpu,
            double compilers,
            long waits,
            long upserts,
            long writes,
            long transactions) {}

    Run run() throws Exception {
        quiet.await();
        server.createDatabase(ID);
        try (Connection connection = server.connectTo(ID);
                Statement statement = connection.createStatement()) {
            statement.execute("create table items (id int8 primary key, name text)");
            statement.execute("alter table items owner to app");
            statement.execute(
                    "insert into items select i, 'an item' from generate_series(1, 100) i");
        }
        try (MeasuredRedis redis = MeasuredRedis.started();
                Service service =
                        Service.started(
                                jar,
                                logs.resolve(ID),
                                Map.of(
                                        "DATABASE_URL",
                                        server.url(ID),
                                        "REDIS_URL",
                                        redis.address()),
                                RULES)) {
            Thread.sleep(warm);
            return measure(service);
        } finally {
            Slots.drop(server, "wal_monitor");
        }
    }

    private Run measure(Service service) throws Exception {
        Count from = count(service);
        long statuses = statuses();
        Count to = count(service);
        long memory = Proc.memory(service.pid());
        Map<String, Long> allocated =
                new Jvm(service.pid()).allocations(measured, logs.resolve(ID));
        double seconds = (to.nanos() - from.nanos()) / 1e9;
        double second = measured.toMillis() / 1e3;
        String most =
                allocated.entrySet().stream()
                        .max(Comparator.comparingLong(Map.Entry::getValue))
                        .map(entry ->
                                "%s: %.0f".formatted(entry.getKey(), entry.getValue() / second))
                        .orElse("nobody");
        return new Run(
                (to.cpu() - from.cpu()) / seconds,
                (to.compilers() - from.compilers()) / seconds,
                statuses / seconds,
                (to.upserts() - from.upserts()) / seconds,
                (to.writes() - from.writes()) / seconds,
                (to.transactions() - from.transactions()) / seconds,
                (to.waits() - from.waits()) / seconds,
                allocated.values().stream().mapToLong(Long::longValue).sum() / second,
                most,
                memory);
    }

    /** Connections that count are not to be counted: transactions are read in another database. */
    private Count count(Service service) throws SQLException {
        String tables =
                "select coalesce(sum(n) filter (where relname = 'wal_monitor'), 0), coalesce(sum(n), 0)"
                        + " from (select relname, n_tup_ins + n_tup_upd + n_tup_del as n"
                        + " from pg_stat_user_tables where schemaname = 'wal_monitor') t";
        String database =
                "select xact_commit + xact_rollback from pg_stat_database where datname = '"
                        + ID
                        + "'";
        try (Connection there = server.connectTo(ID);
                Connection aside = server.connect();
                Statement statement = there.createStatement();
                Statement other = aside.createStatement();
                ResultSet rows = statement.executeQuery(tables);
                ResultSet transactions = other.executeQuery(database)) {
            rows.next();
            transactions.next();
            return new Count(
                    System.nanoTime(),
                    service.cpu(),
                    Proc.cpuOfCompilers(service.pid()),
                    Proc.waits(service.pid()),
                    rows.getLong(1),
                    rows.getLong(2),
                    transactions.getLong(1));
        }
    }

    /** How often the server was told a place, seen by the times of the messages. */
    private long statuses() throws Exception {
        String times = "select string_agg(reply_time::text, ' ') from pg_stat_replication";
        long count = 0;
        @Nullable String last = null;
        long until = System.nanoTime() + measured.toNanos();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            while (System.nanoTime() < until) {
                try (ResultSet rows = statement.executeQuery(times)) {
                    rows.next();
                    @Nullable String now = rows.getString(1);
                    count += now != null && last != null && !now.equals(last) ? 1 : 0;
                    last = now;
                }
                Thread.sleep(LOOK);
            }
        }
        return count;
    }
}
