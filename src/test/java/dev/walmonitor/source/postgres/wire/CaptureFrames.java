package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.walmonitor.embedded.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Captures what a real server sends, for the tests that damage it. No test by its name; run it with
 * {@code ./mvnw test -Dtest=CaptureFrames} when there is more to capture, and commit what it wrote.
 */
class CaptureFrames {
    private static final Path RESOURCES =
            Path.of("src/test/resources/dev/walmonitor/source/postgres");
    private static final String DATABASE = "captured";

    /** Streams by the name of their slot; those that begin with {@code two} decode at PREPARE. */
    private static final Map<String, String> STREAMS = new LinkedHashMap<>();

    static {
        STREAMS.put("one_text", "proto_version '1'");
        STREAMS.put("one_binary", "proto_version '1', binary 'true'");
        STREAMS.put("streamed_2", "proto_version '2', streaming 'on'");
        STREAMS.put("streamed_3", "proto_version '3', streaming 'on', binary 'true'");
        STREAMS.put("two_3", "proto_version '3', two_phase 'on', streaming 'on'");
        STREAMS.put("streamed_4", "proto_version '4', streaming 'on', origin 'any'");
        STREAMS.put(
                "two_4", "proto_version '4', two_phase 'on', streaming 'parallel', binary 'true'");
    }

    private static final String[] TABLES = {
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE DOMAIN short AS varchar(20)",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE d (id int, part text, v text, m mood, s short, p pair, n numeric,"
                + " t timestamptz, b bytea, a mood[], PRIMARY KEY (id, part))",
        "ALTER TABLE d ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE f (id int, v text)",
        "ALTER TABLE f REPLICA IDENTITY FULL",
        "ALTER TABLE f ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE x (id int PRIMARY KEY, k text NOT NULL UNIQUE, v text)",
        "ALTER TABLE x REPLICA IDENTITY USING INDEX x_k_key",
        "CREATE TABLE nothing (id int, v text)",
        "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
        "CREATE TABLE root (id int, part int, PRIMARY KEY (id, part)) PARTITION BY LIST (part)",
        "CREATE TABLE leaf_1 PARTITION OF root FOR VALUES IN (1)",
        "CREATE TABLE leaf_2 PARTITION OF root FOR VALUES IN (2)",
        "CREATE TABLE big (id int PRIMARY KEY, v text)",
        "CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root = true)",
        "SELECT pg_replication_origin_create('elsewhere')"
    };

    private static final String[] CHANGES = {
        "INSERT INTO d VALUES (1, 'a', repeat('x', 2100), 'sad', 's', '(1,b)', 1.50,"
                + " '2026-01-02 03:04:05+00', '\\x00ff', '{sad,happy}')",
        "INSERT INTO d (id, part) VALUES (2, 'b')",
        "UPDATE d SET n = 'NaN' WHERE id = 1",
        "UPDATE d SET id = 3 WHERE id = 1",
        "DELETE FROM d WHERE id = 2",
        "INSERT INTO f VALUES (1, repeat('y', 2100)), (2, NULL)",
        "UPDATE f SET id = 3 WHERE id = 1",
        "DELETE FROM f WHERE id = 2",
        "INSERT INTO x VALUES (1, 'k', 'v')",
        "UPDATE x SET v = 'w'",
        "UPDATE x SET k = 'l'",
        "DELETE FROM x",
        "INSERT INTO nothing VALUES (1, 'v')",
        "INSERT INTO root VALUES (1, 1)",
        "UPDATE root SET part = 2",
        "BEGIN; ALTER TABLE d ADD more int DEFAULT 7; INSERT INTO d (id, part) VALUES (9, 'z'); COMMIT",
        "TRUNCATE f, x RESTART IDENTITY CASCADE",
        "BEGIN; SELECT pg_logical_emit_message(true, 'inside', 'a transaction');"
                + " SELECT pg_logical_emit_message(false, 'outside', '\\x0001ff'::bytea); COMMIT",
        "SELECT pg_replication_origin_session_setup('elsewhere')",
        "BEGIN; SELECT pg_replication_origin_xact_setup('0/ABCDEF', now());"
                + " INSERT INTO x VALUES (5, 'from', 'elsewhere'); COMMIT",
        "SELECT pg_replication_origin_session_reset()",
        // larger than logical_decoding_work_mem: streamed where that was asked for
        "BEGIN; SELECT pg_logical_emit_message(true, 'inside', 'a stream');"
                + rows(1, 600)
                + "SAVEPOINT s;"
                + rows(1001, 1800)
                + "ROLLBACK TO s; UPDATE big SET v = 'changed' WHERE id = 1; DELETE FROM big WHERE id = 2;"
                + " CREATE TYPE late AS ENUM ('l'); CREATE TABLE made (id int PRIMARY KEY, l late);"
                + " INSERT INTO made VALUES (1, 'l'); TRUNCATE f; COMMIT",
        "BEGIN;" + rows(5001, 6500) + "ROLLBACK",
        // an abort of something large comes from PostgreSQL 18 even where no streaming was asked
        // for
        "BEGIN; INSERT INTO big VALUES (7000, 'a'); SAVEPOINT a;"
                + rows(7001, 7010)
                + "RELEASE a;"
                + rows(7011, 16000)
                + "ROLLBACK",
        "BEGIN; INSERT INTO x VALUES (6, 'p', 'prepared'); PREPARE TRANSACTION 'one'",
        "COMMIT PREPARED 'one'",
        "BEGIN; INSERT INTO x VALUES (7, 'q', 'prepared'); PREPARE TRANSACTION 'two'",
        "ROLLBACK PREPARED 'two'",
        "BEGIN;" + rows(20001, 21000) + "PREPARE TRANSACTION 'large'",
        "COMMIT PREPARED 'large'",
        "SELECT pg_logical_emit_message(false, 'the end', '')"
    };

    private static String rows(int from, int to) {
        return " INSERT INTO big SELECT i, repeat('x', 100) FROM generate_series(%d, %d) i;"
                .formatted(from, to);
    }

    @Test
    void writeFrames() throws Exception {
        PostgresServer server =
                PostgresServer.builder()
                        .setting("max_prepared_transactions", "5")
                        .setting("logical_decoding_work_mem", "64kB")
                        .hba("host all trusted 127.0.0.1/32 trust")
                        .start();
        Vertx vertx = Vertx.vertx();
        try {
            change(server);
            List<String> lines = new ArrayList<>();
            lines.add(
                    "# What PostgreSQL 18 sent in CopyData messages, in hex: a frame a line, in the");
            lines.add(
                    "# order of the stream. \"= OPTIONS\" begins a stream. Of frames of one type and");
            lines.add("# length in a row two are kept. Written by CaptureFrames.");
            for (Map.Entry<String, String> stream : STREAMS.entrySet()) {
                lines.add("= " + stream.getValue());
                lines.addAll(thinned(frames(vertx, server, stream.getKey(), stream.getValue())));
            }
            Files.write(RESOURCES.resolve("pgoutput/frames-18.hex"), lines);
            Files.write(RESOURCES.resolve("wire/session-18.hex"), session(server));
        } finally {
            await(vertx.close());
            server.stopImmediately();
        }
    }

    private static void change(PostgresServer server) throws SQLException {
        var _ = server.createDatabase(DATABASE);
        try (Connection connection = server.open(DATABASE);
                Statement statement = connection.createStatement()) {
            for (String sql : TABLES) {
                var _ = statement.execute(sql);
            }
            for (String slot : STREAMS.keySet()) {
                var _ =
                        statement.execute(
                                "SELECT pg_create_logical_replication_slot('%s', 'pgoutput', false, %b)"
                                        .formatted(slot, slot.startsWith("two")));
            }
            for (String sql : CHANGES) {
                var _ = statement.execute(sql);
            }
        }
    }

    private static List<String> frames(
            Vertx vertx, PostgresServer server, String slot, String options) throws Exception {
        WireOptions wire =
                WireOptions.of(
                                "127.0.0.1",
                                server.portNumber(),
                                DATABASE,
                                () ->
                                        Future.succeededFuture(
                                                Credentials.of(
                                                        "postgres", "postgres".toCharArray())))
                        .withSetting("logical_decoding_work_mem", "64kB");
        WireConnection connection = await(WireConnection.connect(vertx, wire));
        RecordingHandler handler = new RecordingHandler();
        CompletableFuture<Void> end = new CompletableFuture<>();
        handler.onPayload(payload -> {
            if (payload.contains("the end\0")) {
                end.complete(null);
            }
        });
        await(
                connection.copyBoth(
                        "START_REPLICATION SLOT "
                                + slot
                                + " LOGICAL 0/0 (publication_names 'everything', messages 'true', "
                                + options
                                + ")",
                        handler));
        end.get(60, TimeUnit.SECONDS);
        await(connection.close());
        return List.copyOf(handler.payloads);
    }

    private static List<String> thinned(List<String> frames) {
        List<String> lines = new ArrayList<>();
        String last = "";
        int repeated = 0;
        for (String frame : frames) {
            String kind = frame.length() + (frame.startsWith("w") ? frame.substring(25, 26) : "k");
            repeated = kind.equals(last) ? repeated + 1 : 1;
            last = kind;
            if (repeated <= 2) {
                lines.add(HexFormat.of().formatHex(frame.getBytes(ISO_8859_1)));
            }
        }
        return lines;
    }

    /** Everything that the server says to a plain session, message by message. */
    private static List<String> session(PostgresServer server) throws IOException {
        server.execute("CREATE ROLE trusted LOGIN REPLICATION SUPERUSER");
        List<String> lines = new ArrayList<>();
        lines.add("# What PostgreSQL 18 said to a session, in hex: a message a line. Written by");
        lines.add("# CaptureFrames.");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.portNumber())) {
            WireOptions options =
                    WireOptions.of("127.0.0.1", 1, DATABASE, () -> Future.failedFuture(""));
            socket.getOutputStream().write(FrontendMessage.startup("trusted", options).getBytes());
            lines.addAll(untilReady(socket));
            for (String sql :
                    List.of(
                            "IDENTIFY_SYSTEM",
                            "",
                            "SELECT id, v, NULL AS none FROM big ORDER BY id LIMIT 2",
                            "SELECT nowhere FROM big",
                            "DO $$ BEGIN RAISE WARNING 'mind' USING HINT = 'this'; END $$",
                            "SET application_name = 'other'",
                            "BEGIN",
                            "COMMIT")) {
                socket.getOutputStream().write(FrontendMessage.query(sql).getBytes());
                lines.addAll(untilReady(socket));
            }
        }
        return lines;
    }

    private static List<String> untilReady(Socket socket) throws IOException {
        List<String> messages = new ArrayList<>();
        byte type = 0;
        while (type != 'Z') {
            byte[] header = socket.getInputStream().readNBytes(5);
            int length = java.nio.ByteBuffer.wrap(header).getInt(1);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.writeBytes(header);
            message.writeBytes(socket.getInputStream().readNBytes(length - 4));
            messages.add(HexFormat.of().formatHex(message.toByteArray()));
            type = header[0];
        }
        return messages;
    }
}
