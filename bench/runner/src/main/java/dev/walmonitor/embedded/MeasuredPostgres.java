package dev.walmonitor.embedded;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The PostgreSQL that is measured against: with an empty data directory, as durable as a server is
 * by default, and so set up that nothing but what is measured keeps it busy. It ends with the
 * process that started it, however that ends.
 */
public final class MeasuredPostgres extends EmbeddedPostgres {
    /** As whom, and where, everything is measured. */
    public static final String USER = SUPERUSER;

    public static final String DATABASE = APP;

    private static final Map<String, String> SETTINGS =
            Map.ofEntries(
                    Map.entry("fsync", "on"),
                    Map.entry("full_page_writes", "on"),
                    Map.entry("shared_buffers", "1GB"),
                    Map.entry("max_wal_size", "16GB"),
                    Map.entry("checkpoint_timeout", "1h"),
                    Map.entry("autovacuum", "off"),
                    Map.entry("max_wal_senders", "20"),
                    Map.entry("track_commit_timestamp", "on"),
                    Map.entry("log_replication_commands", "on"),
                    Map.entry("log_line_prefix", "%n [%p] "));

    private MeasuredPostgres(PostgresOptions options) {
        super(options);
    }

    /** A server that takes everybody on the loopback address without a password; started. */
    public static MeasuredPostgres started() {
        PostgresOptions options = PostgresOptions.of(Ports.ANY);
        for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        MeasuredPostgres server =
                new MeasuredPostgres(options.withHba("host all all 127.0.0.1/32 trust"));
        server.start();
        server.createApp();
        return server;
    }

    public int portNumber() {
        return port();
    }

    /** Of the role {@code app}, which owns the database and may replicate; no password is asked. */
    public String url() {
        return url(APP);
    }

    /** As the other, for a database that {@link #createDatabase} has made. */
    public String url(String database) {
        return "postgresql://" + APP + "@127.0.0.1:" + port() + "/" + database + "?sslmode=disable";
    }

    /** Makes an empty database that belongs to the role {@code app}, in place of an earlier one. */
    public void createDatabase(String name) throws SQLException {
        run(
                "drop database if exists " + name + " with (force)",
                "create database " + name + " owner " + APP);
    }

    /** Where it logs; each line begins with seconds of the Unix epoch and the process id. */
    public Path log() {
        return directory().resolve("postgres.log");
    }

    /** A superuser's connection, for the caller to close. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    /** As {@link #connect()}, to another database. */
    public Connection connectTo(String database) throws SQLException {
        return connect(database);
    }

    /** Runs each statement by itself. */
    public void run(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of all rows, as text. */
    public List<String> column(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> column = new ArrayList<>();
            while (rows.next()) {
                column.add(rows.getString(1));
            }
            return column;
        }
    }
}
