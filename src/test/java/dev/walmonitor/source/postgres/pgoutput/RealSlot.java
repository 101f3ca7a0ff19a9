package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import io.netty.buffer.Unpooled;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slot in a database of its own on a real server, read over SQL: the bytes are those of a stream.
 * Everything is published, partitions as their root.
 */
final class RealSlot implements AutoCloseable {
    private final Connection connection;
    private final String slot;

    /**
     * @param tables made before the slot, so that the slot does not see them being made
     */
    RealSlot(PostgresServer server, String... tables) throws SQLException {
        this(server, false, tables);
    }

    RealSlot(PostgresServer server, boolean twoPhase, String... tables) throws SQLException {
        int number = SharedServers.number();
        String database = "pgoutput_" + number;
        var _ = server.createDatabase(database);
        this.slot = "pgoutput_" + number;
        this.connection = server.open(database);
        run(
                "SET datestyle = 'ISO'",
                "SET intervalstyle = 'postgres'",
                "SET timezone = 'UTC'",
                "SET bytea_output = 'hex'",
                "SET extra_float_digits = 3",
                "SET logical_decoding_work_mem = '64kB'",
                "CREATE PUBLICATION everything FOR ALL TABLES"
                        + " WITH (publish_via_partition_root = true)");
        run(tables);
        run(
                "SELECT pg_create_logical_replication_slot('%s', 'pgoutput', false, %b)"
                        .formatted(slot, twoPhase));
    }

    /** Runs each statement in a transaction of its own, unless it begins one. */
    void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                var _ = statement.execute(sql);
            }
        }
    }

    String query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new SQLException("no row");
            }
            return rows.getString(1);
        }
    }

    /** All messages since the slot was made, in the order of the stream. */
    List<byte[]> frames(String... options) throws SQLException {
        StringBuilder sql =
                new StringBuilder(
                        "SELECT data FROM pg_logical_slot_peek_binary_changes(?,null,null");
        sql.append(",'publication_names','everything'");
        sql.append(",?".repeat(options.length)).append(')');
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            statement.setString(1, slot);
            for (int i = 0; i < options.length; i++) {
                statement.setString(i + 2, options[i]);
            }
            List<byte[]> frames = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    frames.add(rows.getBytes(1));
                }
            }
            return frames;
        }
    }

    /** The types that the database has now. */
    TypeCatalogue types() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(TypeCatalogue.QUERY)) {
            List<List<@Nullable String>> rows = new ArrayList<>();
            while (answer.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int column = 1; column <= 4; column++) {
                    row.add(answer.getString(column));
                }
                rows.add(row);
            }
            return TypeCatalogue.of(rows, Integer.parseInt(query("SHOW server_version_num")));
        }
    }

    List<PgOutputMessage> messages(String... options) throws SQLException {
        return messages(TypeCatalogue.NONE, options);
    }

    List<PgOutputMessage> messages(TypeCatalogue types, String... options) throws SQLException {
        PgOutputDecoder decoder =
                new PgOutputDecoder(Interest.ALL, PrimaryKeys.UNKNOWN, types, ColumnPolicy.NONE);
        List<PgOutputMessage> messages = new ArrayList<>();
        for (byte[] frame : frames(options)) {
            messages.add(decoder.decode(Unpooled.wrappedBuffer(frame), 0, frame.length));
        }
        return messages;
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            run("SELECT pg_drop_replication_slot('" + slot + "')");
        }
    }
}
