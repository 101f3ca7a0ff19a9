package dev.walmonitor.source.postgres.replication;

import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A fresh database on the shared server, and the slots that a test makes in it. */
final class SourceDatabase implements AutoCloseable {
    private final PostgresServer server = SharedServers.postgres();
    final String url = SharedServers.freshDatabase();
    final String name = DatabaseUrl.parse(url).database();
    final String slot = "stream_test_" + SharedServers.number();

    /** A connection of the application's own, in which a transaction can stay open. */
    Connection open() throws SQLException {
        Connection connection = server.open(name);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set role app");
        }
        return connection;
    }

    /** Runs statements as the role that owns the tables, each in a transaction of its own. */
    void sql(String... statements) throws SQLException {
        try (Connection connection = open()) {
            run(connection, statements);
        }
    }

    /** Runs statements as superuser. */
    void admin(String... statements) throws SQLException {
        try (Connection connection = server.open(name)) {
            run(connection, statements);
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    String query(String sql) {
        return String.valueOf(server.query(name, sql));
    }

    Lsn confirmedFlush() {
        return Lsn.parse(
                query(
                        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                                + slot
                                + "'"));
    }

    void terminateWalsender() throws SQLException {
        admin(
                "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                        + slot
                        + "'");
    }

    /** Makes the server send what is in progress as early as it can. */
    void streamEarly() throws SQLException {
        admin("alter database " + name + " set logical_decoding_work_mem = '64kB'");
    }

    Follower follow(StreamOptions options) {
        return follow(options, true);
    }

    Follower follow(StreamOptions options, boolean greedy) {
        return follow(slot, options, greedy);
    }

    Follower follow(String slot, StreamOptions options, boolean greedy) {
        return new Follower(
                DatabaseUrl.parse(url),
                Follower.options(slot).withStream(options),
                Interest.ALL,
                greedy);
    }

    @Override
    public void close() throws SQLException {
        await().atMost(Duration.ofSeconds(15))
                .until(() ->
                        "0"
                                .equals(
                                        query(
                                                "select count(*) from pg_replication_slots where active and database = current_database()")));
        admin(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
    }
}
