package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import dev.walmonitor.embedded.MeasuredRedis;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the packaged service takes in memory with some sources, each a database of its own with a
 * table and a rule, when each has streamed a little and all garbage is collected.
 */
record SourceMemory(MeasuredPostgres server, Quiet quiet, Path jar, Path logs, Duration warm) {
    static final String ID = "sources";

    private static final int ROWS = 1000;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /**
     * One run.
     *
     * @param memory the resident set, in KB
     * @param objects bytes of live objects
     */
    record Run(int sources, long memory, long objects) {

        Map<String, Object> values(int rep) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("sources", sources);
            values.put("rep", rep);
            values.put("memory_kb", memory);
            values.put("objects_kb", objects / 1024);
            return values;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d sources: %d MB resident, %.1f MB of objects",
                    sources,
                    memory / 1024,
                    objects / 1024.0 / 1024);
        }
    }

    Run run(int sources) throws Exception {
        quiet.await();
        StringBuilder config = new StringBuilder("wal-monitor:\n  sources:\n");
        for (int i = 0; i < sources; i++) {
            server.createDatabase(name(i));
            execute(
                    i,
                    "create table rows (id int8 primary key, name text)",
                    "alter table rows owner to app");
            config.append(
                    "    %s: { url: \"%s\", slot: %s }\n"
                            .formatted(i == 0 ? "main" : name(i), server.url(name(i)), name(i)));
        }
        config.append("  rules:\n");
        for (int i = 0; i < sources; i++) {
            config.append(
                    "    %s: { source: %s, tables: public.rows, events: insert, archive: { retention: default } }\n"
                            .formatted(name(i), i == 0 ? "main" : name(i)));
        }
        try (MeasuredRedis redis = MeasuredRedis.started();
                Service service =
                        Service.started(
                                jar,
                                logs.resolve(ID),
                                Map.of("REDIS_URL", redis.address()),
                                config.toString())) {
            for (int i = 0; i < sources; i++) {
                execute(
                        i,
                        "insert into rows select i, 'a row' from generate_series(1, "
                                + ROWS
                                + ") i");
            }
            awaitDone(sources);
            Thread.sleep(warm);
            long objects = new Jvm(service.pid()).liveObjects();
            return new Run(sources, Proc.memory(service.pid()), objects);
        } finally {
            for (int i = 0; i < sources; i++) {
                Slots.drop(server, name(i));
            }
        }
    }

    /** Until every slot is confirmed up to here. */
    private void awaitDone(int sources) throws Exception {
        String here = server.column("select pg_current_wal_insert_lsn()").getFirst();
        String behind =
                "select slot_name from pg_replication_slots where slot_name like 'source%' and confirmed_flush_lsn < '"
                        + here
                        + "'";
        long until = System.nanoTime() + LIMIT.toNanos();
        while (!server.column(behind).isEmpty()) {
            if (System.nanoTime() > until) {
                throw new ConsumerFailed("had not done all of " + sources + " sources in time");
            }
            Thread.sleep(200);
        }
    }

    private static String name(int source) {
        return "source_" + source;
    }

    private void execute(int source, String... statements) throws Exception {
        try (Connection connection = server.connectTo(name(source));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
