package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small tables, each wholly under one key: what applications call master data. */
record CachedTables(MeasuredPostgres server) {
    static final int TABLES = 20;

    /** Keys are this and the table's name. */
    static final String PREFIX = "master:";

    private static final int ROWS = 100;
    private static final int CLIENTS = 4;
    private static final int TRANSACTION = 10;

    static List<String> names() {
        return IntStream.rangeClosed(1, TABLES)
                .mapToObj(n -> String.format(Locale.ROOT, "cached_%02d", n))
                .toList();
    }

    /** The service's configuration: a rule for each table, of the table's name. */
    static String rules() {
        return names().stream()
                .map(table ->
                        "    "
                                + table
                                + ": { tables: public."
                                + table
                                + ", cache: { key: \""
                                + PREFIX
                                + table
                                + "\", query: \""
                                + query(table)
                                + "\" } }\n")
                .collect(Collectors.joining("", "wal-monitor:\n  rules:\n", ""));
    }

    private static String query(String table) {
        return "select id, name, price, qty from " + table + " order by id";
    }

    /** Makes them anew. */
    void prepare() throws SQLException {
        for (String table : names()) {
            server.run(
                    "drop table if exists " + table,
                    "create table "
                            + table
                            + " (id int4 primary key, name text, price numeric(12,2), qty int8)",
                    "alter table " + table + " owner to app",
                    "insert into "
                            + table
                            + " select i, 'article with number ' || lpad(i::text, 6, '0'), i * 1.37, 0"
                            + " from generate_series(0, "
                            + (ROWS - 1)
                            + ") i");
        }
        server.run("checkpoint");
    }

    /**
     * Updates single rows of all of them, ten a transaction, as fast as a few connections can;
     * returns when the last is committed.
     */
    void update(int updates) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                int own = client;
                int transactions = (updates / TRANSACTION + CLIENTS - 1 - own) / CLIENTS;
                running.add(clients.submit(() -> transactions(own, transactions)));
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    /** Each client has rows of its own: none waits for another's. */
    private Void transactions(int client, int transactions) throws SQLException {
        SplittableRandom random = new SplittableRandom(client);
        List<String> tables = names();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                for (int j = 0; j < TRANSACTION; j++) {
                    statement.addBatch(
                            "update "
                                    + tables.get(random.nextInt(TABLES))
                                    + " set qty = qty + 1 where id = "
                                    + (client + CLIENTS * random.nextInt(ROWS / CLIENTS)));
                }
                statement.executeBatch();
                connection.commit();
            }
        }
        return null;
    }

    /** When the last update was committed, in microseconds of the Unix epoch. */
    long lastCommit() throws SQLException {
        String all =
                names().stream()
                        .map(table -> "select max(pg_xact_commit_timestamp(xmin)) t from " + table)
                        .collect(Collectors.joining(" union all "));
        return Long.parseLong(
                server.column(
                                "select (extract(epoch from max(t)) * 1000000)::int8 from ("
                                        + all
                                        + ") x")
                        .getFirst());
    }

    /** How many updates there were in all. */
    long updates() throws SQLException {
        String all =
                names().stream()
                        .map(table -> "select sum(qty) n from " + table)
                        .collect(Collectors.joining(" union all "));
        return Long.parseLong(server.column("select sum(n)::int8 from (" + all + ") x").getFirst());
    }

    /** Whether a value is what a table's query gives now. */
    boolean isFresh(String table, String value) throws SQLException {
        String fresh =
                "select ?::jsonb = (select jsonb_agg(to_jsonb(q)) from (" + query(table) + ") q)";
        try (Connection connection = server.connect();
                PreparedStatement compared = connection.prepareStatement(fresh)) {
            compared.setString(1, value);
            try (ResultSet row = compared.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
