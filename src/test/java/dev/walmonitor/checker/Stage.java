package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one trial has on the server: a schema of tables, a publication of it, the slot that is
 * followed and the slot of the truth. All of one name, and gone at the end.
 */
final class Stage implements AutoCloseable {
    static final String DATABASE = "checker";

    static final List<String> TABLES =
            List.of("plain", "pair", "whole", "marked", "heap", "moody", "bulk");

    private final PostgresServer server;
    private final String name;
    private final Lsn from;
    private final Lsn confirmed;

    private Stage(PostgresServer server, String name, Lsn from, Lsn confirmed) {
        this.server = server;
        this.name = name;
        this.from = from;
        this.confirmed = confirmed;
    }

    /** Makes the database of all trials, once a server. */
    static void prepare(PostgresServer server) {
        var _ = server.createDatabase(DATABASE);
        try (Connection connection = server.open(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE EXTENSION pg_walinspect");
            statement.execute("CREATE TABLE public.noise (n int)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stage open(PostgresServer server, String name) throws SQLException {
        try (Connection connection = server.open(DATABASE);
                Statement statement = connection.createStatement()) {
            for (String sql : script(name)) {
                statement.execute(sql);
            }
            Lsn from = Lsn.parse(query(statement, "SELECT pg_current_wal_insert_lsn()"));
            var _ = query(statement, makeSlot(name + "_truth", "test_decoding"));
            Lsn confirmed = Lsn.parse(query(statement, makeSlot(name, "pgoutput")));
            return new Stage(server, name, from, confirmed);
        }
    }

    private static String makeSlot(String slot, String plugin) {
        return "SELECT lsn FROM pg_create_logical_replication_slot('%s', '%s')"
                .formatted(slot, plugin);
    }

    private static List<String> script(String name) {
        List<String> script = new ArrayList<>();
        script.add("CREATE SCHEMA " + name);
        script.add("SET search_path = " + name);
        script.add("CREATE SEQUENCE version");
        script.add("CREATE TABLE plain (a int PRIMARY KEY, v bigint, p text)");
        script.add("CREATE TABLE pair (a int, b text, v bigint, big text, PRIMARY KEY (a, b))");
        script.add("ALTER TABLE pair ALTER COLUMN big SET STORAGE EXTERNAL");
        script.add("CREATE TABLE whole (a int PRIMARY KEY, v bigint, p text, big text)");
        script.add("ALTER TABLE whole ALTER COLUMN big SET STORAGE EXTERNAL");
        script.add("ALTER TABLE whole REPLICA IDENTITY FULL");
        script.add("CREATE TABLE marked (u int NOT NULL UNIQUE, a int PRIMARY KEY, v bigint)");
        script.add("ALTER TABLE marked REPLICA IDENTITY USING INDEX marked_u_key");
        script.add("CREATE TABLE heap (a int, v bigint, p text)");
        script.add("ALTER TABLE heap REPLICA IDENTITY FULL");
        script.add("CREATE TABLE moody (a int PRIMARY KEY, b int NOT NULL, v bigint, p text)");
        script.add("CREATE UNIQUE INDEX moody_both ON moody (a, b)");
        script.add("CREATE TABLE bulk (a int PRIMARY KEY, v bigint, p text)");
        script.add("ALTER TABLE bulk ALTER COLUMN p SET STORAGE EXTERNAL");
        script.add("CREATE PUBLICATION %s FOR TABLES IN SCHEMA %s".formatted(name, name));
        return script;
    }

    /** Where processes may put by what they cannot hand on yet; gone with the server. */
    Path spill() {
        try {
            return Files.createDirectories(server.directoryOnDisk().resolve("spill"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    PostgresServer server() {
        return server;
    }

    String name() {
        return name;
    }

    /** Where the slot stood when it was made. */
    Lsn confirmed() {
        return confirmed;
    }

    Connection connect() throws SQLException {
        return server.open(DATABASE);
    }

    /** What the server takes for confirmed now. */
    Lsn confirmedNow(Statement statement) throws SQLException {
        return Lsn.parse(query(statement, askConfirmed()));
    }

    Lsn confirmedNow() {
        return Lsn.parse(query(askConfirmed()));
    }

    private String askConfirmed() {
        return "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '%s'"
                .formatted(name);
    }

    /** Ends the backend that sends the stream, if there is one. */
    void terminate() {
        run(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                        + " WHERE slot_name = '%s' AND active".formatted(name));
    }

    /** Whether the server sends the stream to somebody. */
    boolean isHeld() {
        return query(
                        "SELECT active FROM pg_replication_slots WHERE slot_name = '%s'"
                                .formatted(name))
                .equals("t");
    }

    /**
     * One transaction of so many rows of eight kilobytes.
     *
     * @param beforeCommit runs when all is written
     */
    void writeMuch(int rows, Runnable beforeCommit) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                    "INSERT INTO %1$s.bulk SELECT nextval('%1$s.version'), 1, repeat(md5(n::text), 250) FROM generate_series(1, %2$d) n"
                            .formatted(name, rows));
            beforeCommit.run();
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    String query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return query(statement, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static String query(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new SQLException("Expected a row of: " + sql);
            }
            return String.valueOf(rows.getString(1));
        }
    }

    private void run(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** What was prepared and forgotten happens, or does not. */
    void settle(boolean commit) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            List<String> prepared = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT gid FROM pg_prepared_xacts WHERE gid LIKE '%s.%%'"
                                    .formatted(name))) {
                while (rows.next()) {
                    prepared.add(rows.getString(1));
                }
            }
            for (String gid : prepared) {
                statement.execute(
                        (commit ? "COMMIT" : "ROLLBACK") + " PREPARED '%s'".formatted(gid));
            }
        }
    }

    Truth truth() throws SQLException {
        try (Connection connection = connect()) {
            return Truth.read(connection, name + "_truth", name, from);
        }
    }

    /** The names that the tables have now, by those they were made as. */
    static Map<String, String> names(Statement statement, String schema) throws SQLException {
        Map<String, String> names = new HashMap<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '%s'::regnamespace"
                                .formatted(schema))) {
            while (rows.next()) {
                String table = rows.getString(1);
                names.put(table.replaceFirst("_.*", ""), table);
            }
        }
        return names;
    }

    /** In what the image differs from the tables as they are now, or null. */
    @Nullable String difference(Image image) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (var table : names(statement, name).entrySet()) {
                if (Keys.has(table.getKey())) {
                    String difference =
                            image.difference(
                                    table.getKey(),
                                    rows(statement, table.getKey(), table.getValue()));
                    if (difference != null) {
                        return difference;
                    }
                }
            }
            return null;
        }
    }

    private Map<String, Map<String, String>> rows(Statement statement, String origin, String table)
            throws SQLException {
        Map<String, Map<String, String>> all = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT * FROM " + name + "." + table)) {
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                Map<String, String> row = new HashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    String value = rows.getString(i);
                    row.put(columns.getColumnName(i), value == null ? Fact.NULL : value);
                }
                all.put(Keys.key(origin, row), row);
            }
        }
        return all;
    }

    @Override
    public void close() throws SQLException {
        settle(false);
        run("DROP PUBLICATION " + name);
        run("DROP SCHEMA " + name + " CASCADE");
        run(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name IN ('%s', '%s_truth')".formatted(name, name));
    }
}
