package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a change costs when there are many tables and many rules: one backlog goes to one table and
 * one to each of many in turn. One rule wants all of it; many rules are ten for each table, and
 * want nothing of what comes. The second half of a backlog counts, in a process that is warm by
 * then.
 */
record Growth(
        MeasuredPostgres server, Commands commands, Quiet quiet, Path logs, Growth.Size size) {
    static final String ID = "growth";

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String PUBLICATION = "bench_growth";

    private static final String RULES =
            """
            wal-monitor:
              webhooks: { allowed-networks: 127.0.0.0/8 }
              rules:
            """;

    private static final String RULE =
            """
                r%05d:
                  tables: public.grow_%d
                  events: delete
                  webhook:
                    url: http://127.0.0.1:9/
                    secrets: [whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]
            """;

    private static final Consumer SERVICE =
            new Consumer(
                    ID,
                    "the service with a handler that does nothing",
                    Set.of(),
                    List.of(
                            "{java}",
                            "-XX:+UseSerialGC",
                            "-jar",
                            "{home}/service/target/quarkus-app/quarkus-run.jar",
                            "--host",
                            "{host}",
                            "--port",
                            "{port}",
                            "--db",
                            "{db}",
                            "--user",
                            "{user}",
                            "--slots",
                            "{slot}",
                            "--pub",
                            "{pub}",
                            "{mode}"));

    /** How much there is of everything where there is much of it. */
    record Size(int rows, int tables, int rules) {
        private static final int ROWS_OF_TRANSACTION = 10;

        static Size of(double scale) {
            int tables = Math.max(10, (int) (1000 * scale));
            int rows = (int) (1_000_000 * scale) / tables * tables;
            return new Size(rows, tables, 10 * tables);
        }

        int transactions() {
            return rows / ROWS_OF_TRANSACTION;
        }
    }

    /**
     * One run, of the second half.
     *
     * @param cpu seconds of all threads but those of the compilers
     * @param memory the largest resident set, in KB
     */
    record Run(int tables, int rules, long rows, double seconds, double cpu, long memory) {

        Map<String, Object> values(int rep) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("tables", tables);
            values.put("rules", rules);
            values.put("rep", rep);
            values.put("rows", rows);
            values.put("seconds", seconds);
            values.put("cpu", cpu);
            values.put("memory_kb", memory);
            return values;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d tables, %,d rules: %.3f s, %.3f µs CPU a row, %d MB",
                    tables,
                    rules,
                    seconds,
                    cpu / rows * 1e6,
                    memory / 1024);
        }
    }

    boolean isHere() {
        return commands.isHere(SERVICE);
    }

    /** Writes both backlogs into the log, each behind a slot that is copied and never read. */
    void write() throws SQLException {
        server.run(
                "do $$ begin for t in 0 .. "
                        + (size.tables() - 1)
                        + " loop execute format('create table grow_%s (id int8 primary key, name text, qty int4,"
                        + " amount numeric(12,2), created_at timestamptz, active bool)', t); end loop; end $$",
                "do $$ begin execute (select 'create publication "
                        + PUBLICATION
                        + " for table ' || string_agg('grow_' || t, ', ') from generate_series(0, "
                        + (size.tables() - 1)
                        + ") t); end $$");
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = off");
            for (int tables : List.of(1, size.tables())) {
                statement.execute(
                        "select pg_create_logical_replication_slot('"
                                + before(tables)
                                + "', 'pgoutput')");
                statement.execute(backlog(tables));
            }
        }
        server.run("checkpoint");
    }

    private static String before(int tables) {
        return "before_grow_" + tables;
    }

    private String backlog(int tables) {
        return "do $$ declare n int8 := "
                + (tables == 1 ? 0 : size.rows())
                + "; begin for b in 1 .. "
                + size.transactions()
                + " loop for r in 1 .. "
                + Size.ROWS_OF_TRANSACTION
                + " loop execute 'insert into grow_' || n % "
                + tables
                + " || ' values ($1, ''order of a customer'', 42, 12.34, now(), true)' using n;"
                + " n := n + 1; end loop; commit; end loop; end $$";
    }

    /** One run with the rules given, the one that wants everything included. */
    Run run(int tables, int rules) throws Exception {
        quiet.await();
        String name = "grow_%d_%d".formatted(tables, rules);
        List<String> mode = new ArrayList<>(List.of("--second-half", "--rows"));
        mode.add(String.valueOf(size.rows()));
        if (rules > 1) {
            Path file = Files.writeString(logs.resolve(name + ".yaml"), rules(rules));
            mode.addAll(List.of("--rules", file.toString()));
        }
        server.run(
                "select pg_copy_logical_replication_slot('"
                        + before(tables)
                        + "', '"
                        + name
                        + "')");
        List<String> command = commands.of(SERVICE, name, PUBLICATION, mode, "0/0");
        try (ConsumerProcess process =
                ConsumerProcess.start(command, name, server.log(), logs.resolve(name + ".log"))) {
            return half(process, tables, rules);
        } finally {
            Slots.drop(server, name);
        }
    }

    private static Run half(ConsumerProcess process, int tables, int rules) throws Exception {
        try {
            String[] fields = process.await("HALF ", LIMIT).split(" ");
            process.await("RESULT ", LIMIT);
            return new Run(
                    tables,
                    rules,
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]) / 1e9,
                    Long.parseLong(fields[3]) / 1e9,
                    process.usage().memory());
        } catch (ConsumerFailed e) {
            process.kill();
            throw e;
        }
    }

    /** All but one, ten a table. */
    private String rules(int rules) {
        StringBuilder text = new StringBuilder(RULES);
        for (int i = 1; i < rules; i++) {
            text.append(RULE.formatted(i, i % size.tables()));
        }
        return text.toString();
    }
}
