package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static dev.walmonitor.source.postgres.wire.Awaiting.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.FlightRecording;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.DatabaseUrl.SslMode;
import dev.walmonitor.source.postgres.wire.WireException.AuthFailure;
import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real PostgreSQL with TLS, where roles authenticate in different ways. */
class RealServerTest {
    @TempDir private static Path directory;
    private static PostgresServer server;
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        server =
                PostgresServer.builder()
                        .withTls()
                        .hba("host all hashed 127.0.0.1/32 md5")
                        .hba("host all clear 127.0.0.1/32 password")
                        .hba("host all trusted 127.0.0.1/32 trust")
                        .hba("host all locked 127.0.0.1/32 reject")
                        .start();
        server.execute(
                """
                SET password_encryption = 'md5';
                CREATE ROLE hashed LOGIN REPLICATION PASSWORD 'canary';
                RESET password_encryption;
                CREATE ROLE clear LOGIN REPLICATION PASSWORD 'canary';
                CREATE ROLE trusted LOGIN REPLICATION;
                CREATE ROLE locked LOGIN REPLICATION PASSWORD 'canary';
                CREATE ROLE plain LOGIN PASSWORD 'canary';
                ALTER ROLE app SET datestyle = 'German';
                ALTER ROLE app SET intervalstyle = 'iso_8601';
                ALTER ROLE app SET bytea_output = 'escape';
                ALTER ROLE app SET timezone = 'Asia/Tokyo';
                ALTER ROLE app SET extra_float_digits = -10;
                ALTER ROLE app SET client_encoding = 'LATIN1';
                ALTER ROLE app SET standard_conforming_strings = off;
                """);
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
        server.close();
    }

    private static WireOptions options(String user, String password) {
        return WireOptions.of(
                "127.0.0.1",
                server.portNumber(),
                "app",
                () -> Future.succeededFuture(Credentials.of(user, password.toCharArray())));
    }

    private static WireConnection connect(WireOptions options) {
        return await(WireConnection.connect(vertx, options));
    }

    private static WireConnection connect() {
        return connect(options("app", "app"));
    }

    private static String value(WireConnection connection, String sql) {
        QueryResult result = await(connection.query(sql));
        String value = result.rows().getFirst().getFirst();
        return value == null ? "NULL" : value;
    }

    @Test
    void connectsByScramAndRunsCommandsOfBothKinds() {
        WireConnection connection = connect(options("app", "app").withApplicationName("it's us"));

        QueryResult system = await(connection.query("IDENTIFY_SYSTEM"));
        assertThat(system.columns()).containsExactly("systemid", "timeline", "xlogpos", "dbname");
        assertThat(system.value(0, "dbname")).isEqualTo("app");
        assertThat(value(connection, "SELECT 'ü' || 1 + 1")).isEqualTo("ü2");
        assertThat(
                        value(
                                connection,
                                "SELECT application_name FROM pg_stat_activity WHERE pid = "
                                        + connection.backendPid()))
                .isEqualTo("it's us");
        assertThat(connection.parameter("server_version")).isNotEmpty();
        await(connection.close());
    }

    @Test
    void theFlightRecorderIsToldOfEachRead() {
        WireConnection connection = connect(options("app", "app"));
        List<RecordedEvent> events =
                FlightRecording.of(
                        "dev.walmonitor.Read",
                        () -> {
                            var _ = value(connection, "SELECT repeat('x', 100000)");
                            // The read that answered the first is over when a second is answered.
                            var _ = value(connection, "SELECT 1");
                        });

        assertThat(events).isNotEmpty();
        assertThat(events.stream().mapToLong(event -> event.getInt("bytes")).sum())
                .isGreaterThan(100_000);
        // A description of the row, the row, its end, and that the server is ready.
        assertThat(events.stream().mapToLong(event -> event.getLong("messages")).sum())
                .isGreaterThanOrEqualTo(4);
        await(connection.close());
    }

    @Test
    void noSettingOfTheRoleChangesHowValuesAreWritten() {
        WireConnection connection =
                connect(options("app", "app").withSetting("wal_sender_timeout", "12s"));
        assertThat(
                        await(
                                        connection.query(
                                                "SELECT timestamptz '2026-01-02 03:04:05+00', interval"
                                                        + " '1 day 2 hours', '\\x00ff'::bytea,"
                                                        + " 0.1::float8 + 0.2::float8, 'ü\\n'"))
                                .rows())
                .isEqualTo(
                        List.of(
                                List.of(
                                        "2026-01-02 03:04:05+00",
                                        "1 day 02:00:00",
                                        "\\x00ff",
                                        "0.30000000000000004",
                                        "ü\\n")));
        assertThat(value(connection, "SHOW wal_sender_timeout")).isEqualTo("12s");
        await(connection.close());
    }

    @Test
    void f13_f15_verifiesTheServerAndBindsToItsCertificate() throws Exception {
        Path root =
                Files.writeString(
                        directory.resolve("root.pem"), server.certificate().certificate());
        WireConnection connection =
                connect(
                        options("app", "app")
                                .withTls(
                                        TlsOptions.of(SslMode.VERIFY_FULL)
                                                .withRootCertificate(root))
                                .withAuth(
                                        AuthPolicy.DEFAULT.withChannelBinding(
                                                ChannelBinding.REQUIRE)));
        assertThat(
                        value(
                                connection,
                                "SELECT version FROM pg_stat_ssl WHERE pid = "
                                        + connection.backendPid()))
                .isEqualTo("TLSv1.3");
        await(connection.close());
    }

    @Test
    void f10_whatIsWrongIsSaidInOneSentenceAndWithoutThePassword() {
        assertThat(failure(WireConnection.connect(vertx, options("app", "wrong-canary"))))
                .isInstanceOf(ServerError.class)
                .hasMessage(
                        "The server said: FATAL: password authentication failed for user \"app\""
                                + " (SQLSTATE 28P01).");
        assertThat(failure(WireConnection.connect(vertx, options("plain", "canary"))))
                .isInstanceOf(ServerError.class)
                .hasMessage(
                        "The server said: FATAL: permission denied to start WAL sender (SQLSTATE"
                                + " 42501).");
        WireOptions nowhere =
                WireOptions.of(
                        "127.0.0.1",
                        server.portNumber(),
                        "nowhere",
                        () -> Future.succeededFuture(Credentials.of("app", "app".toCharArray())));
        assertThat(failure(WireConnection.connect(vertx, nowhere)))
                .isInstanceOf(ServerError.class)
                .hasMessage(
                        "The server said: FATAL: database \"nowhere\" does not exist (SQLSTATE"
                                + " 3D000).");
    }

    @Test
    void f11_aRefusalByPgHbaIsExplained() {
        assertThat(failure(WireConnection.connect(vertx, options("locked", "canary"))))
                .isInstanceOf(ServerError.class)
                .hasMessageStartingWith("The server said: FATAL: pg_hba.conf rejects connection")
                .hasMessageEndingWith(
                        " (SQLSTATE 28000). A logical replication connection is matched by its"
                                + " database, never by the word \"replication\": pg_hba.conf needs a line"
                                + " such as \"hostssl <database> <user> <address> scram-sha-256\".");
    }

    @Test
    void f15_otherMethodsWorkWhereTheyAreAllowed() {
        AuthPolicy any =
                AuthPolicy.DEFAULT
                        .withMethods(Set.of(AuthMethod.values()))
                        .withCleartextWithoutTls(true);
        for (String role : List.of("hashed", "clear", "trusted")) {
            assertThat(failure(WireConnection.connect(vertx, options(role, "canary"))))
                    .isInstanceOf(AuthFailure.class);
            WireConnection connection = connect(options(role, "canary").withAuth(any));
            assertThat(value(connection, "SELECT current_user")).isEqualTo(role);
            await(connection.close());
        }
        WireConnection unasked =
                connect(
                        WireOptions.of(
                                "127.0.0.1",
                                server.portNumber(),
                                "app",
                                () ->
                                        Future.succeededFuture(
                                                Credentials.withoutPassword("trusted"))));
        await(unasked.close());
    }

    @Test
    void streamsCommitsAndTakesQueriesAgainAfterwards() throws Exception {
        server.execute("CREATE TABLE streamed (n int PRIMARY KEY)");
        server.execute("CREATE PUBLICATION streamed FOR TABLE streamed");
        WireConnection connection = connect();
        var _ =
                await(
                        connection.query(
                                "CREATE_REPLICATION_SLOT "
                                        + Sql.identifier("streamed")
                                        + " TEMPORARY LOGICAL pgoutput"));
        server.execute("INSERT INTO streamed VALUES (1)");
        RecordingHandler handler = new RecordingHandler();
        await(
                connection.copyBoth(
                        "START_REPLICATION SLOT \"streamed\" LOGICAL 0/0 (proto_version '1',"
                                + " publication_names "
                                + Sql.literal("\"streamed\"")
                                + ")",
                        handler));
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> types(handler).contains("BRIC"));
        server.execute("ALTER SYSTEM SET log_statement = 'none'");
        server.execute("SELECT pg_reload_conf()");
        server.execute("INSERT INTO streamed VALUES (2)");
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> types(handler).contains("BIC"));
        await(connection.sendCopyData(status()));
        await(connection.copyDone());

        assertThat(handler.awaitEnd()).isEmpty();
        assertThat(handler.endings).hasValue(1);
        assertThat(value(connection, "SELECT count(*) FROM pg_publication")).isEqualTo("1");
        await(connection.close());
    }

    /** The first letters of the messages in the XLogData that came. */
    private static String types(RecordingHandler handler) {
        StringBuilder types = new StringBuilder();
        for (String payload : List.copyOf(handler.payloads)) {
            if (payload.startsWith("w")) {
                types.append(payload.charAt(25));
            }
        }
        return types.toString();
    }

    private static Buffer status() {
        return Buffer.buffer().appendString("r").appendBytes(new byte[33]);
    }

    @Test
    void f48_aRefusedStreamLeavesTheConnectionUsable() {
        WireConnection connection = connect();
        assertThat(
                        failure(
                                connection.copyBoth(
                                        "START_REPLICATION SLOT \"none\" LOGICAL 0/0",
                                        new RecordingHandler())))
                .isInstanceOf(ServerError.class)
                .hasMessage(
                        "The server said: ERROR: replication slot \"none\" does not exist (SQLSTATE"
                                + " 42704).");
        assertThat(value(connection, "SELECT 1")).isEqualTo("1");
        await(connection.close());
    }

    @Test
    void f02_aTerminatedSessionQuotesTheServer() {
        WireConnection connection = connect();
        Future<QueryResult> asleep = connection.query("SELECT pg_sleep(30)");
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() ->
                        "active"
                                .equals(
                                        server.query(
                                                "app",
                                                "SELECT state FROM pg_stat_activity WHERE"
                                                        + " pid = "
                                                        + connection.backendPid())));
        server.execute("SELECT pg_terminate_backend(" + connection.backendPid() + ")");
        assertThat(failure(asleep))
                .isInstanceOf(ServerError.class)
                .hasMessage(
                        "The server said: FATAL: terminating connection due to administrator command"
                                + " (SQLSTATE 57P01).");
    }

    @Test
    void f13_aServerThatNobodyTrustsIsRefused() {
        WireOptions tls = options("app", "app").withTls(TlsOptions.of(SslMode.VERIFY_FULL));
        assertThat(failure(WireConnection.connect(vertx, tls)))
                .hasMessageStartingWith(
                        "The certificate of the server at 127.0.0.1:"
                                + server.portNumber()
                                + " does not lead to a trusted root");
    }

    @Test
    void whateverIsQuotedComesBackFromTheServer() {
        WireConnection connection = connect();
        Seeds.forEach(
                200,
                random -> {
                    StringBuilder text = new StringBuilder("x");
                    for (int n = random.nextInt(15); n > 0; n--) {
                        text.appendCodePoint(
                                random.nextBoolean()
                                        ? "'\"\\;-$E".charAt(random.nextInt(7))
                                        : 0xA0 + random.nextInt(0xD000));
                    }
                    String name = text.toString();
                    if (name.getBytes(StandardCharsets.UTF_8).length > 63) {
                        return;
                    }
                    QueryResult result =
                            await(
                                    connection.query(
                                            "SELECT "
                                                    + Sql.literal(name)
                                                    + " AS "
                                                    + Sql.identifier(name)));
                    assertThat(result.columns()).containsExactly(name);
                    assertThat(result.rows()).isEqualTo(List.of(List.of(name)));
                });
        await(connection.close());
    }

    @Test
    void aClosedConnectionIsGoneFromTheServer() {
        WireConnection connection = connect();
        await(connection.close());
        assertThat(failure(connection.query("SELECT 1"))).isInstanceOf(ConnectionLost.class);
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() ->
                        "0"
                                .equals(
                                        server.query(
                                                "app",
                                                "SELECT count(*) FROM pg_stat_activity WHERE"
                                                        + " pid = "
                                                        + connection.backendPid())));
    }
}
