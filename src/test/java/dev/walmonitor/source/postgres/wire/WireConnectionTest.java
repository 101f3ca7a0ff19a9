package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static dev.walmonitor.source.postgres.wire.Awaiting.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Queries and the life of a connection; {@link ConnectTest} is about how it begins. */
class WireConnectionTest {
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
    }

    static WireOptions options(ScriptedServer server) {
        return WireOptions.of(
                "127.0.0.1",
                server.port(),
                "shop",
                () -> Future.succeededFuture(Credentials.withoutPassword("app")));
    }

    private static WireConnection connect(ScriptedServer server) {
        return await(WireConnection.connect(vertx, options(server)));
    }

    @Test
    void knowsWhatTheServerSaidOfItself() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    assertThat(s.expectStartup())
                            .containsEntry("user", "app")
                            .containsEntry("database", "shop")
                            .containsEntry("replication", "database");
                    s.send(Backend.greeting());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);

            assertThat(connection.backendPid()).isEqualTo(4711);
            assertThat(connection.parameter("server_version")).isEqualTo("18.6");
            assertThat(connection.parameter("none")).isNull();
            await(connection.close());
        }
    }

    @Test
    void aQueryGivesItsRowsAsText() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT x, y FROM t");
                    s.send(
                            Backend.columns("x", "y"),
                            Backend.row("1", null),
                            Backend.notice("WARNING", "01000", "careful"),
                            Backend.row("", "ü"),
                            Backend.complete("SELECT 2"),
                            Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            QueryResult result = await(connection.query("SELECT x, y FROM t"));

            assertThat(result.columns()).containsExactly("x", "y");
            assertThat(result.rows())
                    .isEqualTo(List.of(Arrays.asList("1", null), Arrays.asList("", "ü")));
            assertThat(result.notices()).hasToString("[WARNING: careful (SQLSTATE 01000)]");
            assertThat(result.value(0, "x")).isEqualTo("1");
            assertThat(result.value(0, "y")).isNull();
            assertThatThrownBy(() -> result.value(0, "z"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Expected one of the columns [x, y], got \"z\"");
            await(connection.close());
        }
    }

    @Test
    void ofSeveralStatementsTheLastRowsCount() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1; SELECT 2; ;CREATE TABLE t ()");
                    s.send(
                            Backend.columns("a"),
                            Backend.row("1"),
                            Backend.complete("SELECT 1"),
                            Backend.columns("b"),
                            Backend.row("2"),
                            Backend.complete("SELECT 1"),
                            Backend.message('I'),
                            Backend.complete("CREATE TABLE"),
                            Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            QueryResult result = await(connection.query("SELECT 1; SELECT 2; ;CREATE TABLE t ()"));
            assertThat(result)
                    .isEqualTo(new QueryResult(List.of("b"), List.of(List.of("2")), List.of()));
            await(connection.close());
        }
    }

    @Test
    void queriesRunOneAtATimeInTheirOrder() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    for (String sql : List.of("first", "second", "third")) {
                        s.expectQuery(sql);
                        s.expectNothing();
                        s.send(Backend.columns("q"), Backend.row(sql));
                        s.send(Backend.complete("SELECT 1"), Backend.ready());
                    }
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            List<Future<QueryResult>> all =
                    List.of(
                            connection.query("first"),
                            connection.query("second"),
                            connection.query("third"));
            assertThat(all.stream().map(f -> await(f).value(0, "q")))
                    .containsExactly("first", "second", "third");
            await(connection.close());
        }
    }

    @Test
    void afterAnErrorTheConnectionIsUsableAgain() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELEC");
                    s.send(Backend.error("ERROR", "42601", "syntax error"), Backend.ready());
                    s.expectQuery("SELECT");
                    s.send(Backend.complete("SELECT 0"), Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            assertThat(failure(connection.query("SELEC")))
                    .isInstanceOfSatisfying(
                            ServerError.class, e -> assertThat(e.sqlState()).isEqualTo("42601"))
                    .hasMessage("The server said: ERROR: syntax error (SQLSTATE 42601).");
            assertThat(await(connection.query("SELECT")).rows()).isEmpty();
            await(connection.close());
        }
    }

    @Test
    void sqlWithAZeroCharacterIsNotSent() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            assertThat(failure(connection.query("SELECT '\0'")))
                    .hasMessage("Expected SQL without a zero character");
            assertThat(failure(connection.copyBoth("START\0", new RecordingHandler())))
                    .hasMessage("Expected SQL without a zero character");
            await(connection.close());
        }
    }

    @Test
    void f02_aServerThatSaysFatalAndLeavesIsQuoted() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT pg_sleep(9)");
                    s.send(Backend.error("FATAL", "57P01", "terminating connection"));
                })) {
            WireConnection connection = connect(server);
            Future<QueryResult> first = connection.query("SELECT pg_sleep(9)");
            Future<QueryResult> second = connection.query("SELECT 2");
            String sentence = "The server said: FATAL: terminating connection (SQLSTATE 57P01).";
            assertThat(failure(first)).isInstanceOf(ServerError.class).hasMessage(sentence);
            assertThat(failure(second)).isInstanceOf(ServerError.class).hasMessage(sentence);
            assertThat(failure(connection.query("SELECT 3"))).hasMessage(sentence);
        }
    }

    @Test
    void f02_aFatalWhileNothingIsGoingOnIsKeptForTheNextQuery() {
        CompletableFuture<Boolean> idle = new CompletableFuture<>();
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    assertThat(ScriptedServer.await(idle)).isTrue();
                    s.send(Backend.error("FATAL", "57P01", "terminating connection"));
                    s.expectNothing();
                })) {
            WireConnection connection = connect(server);
            idle.complete(true);
            server.awaitPlayed();
            assertThat(failure(connection.query("SELECT 1")))
                    .hasMessage("The server said: FATAL: terminating connection (SQLSTATE 57P01).");
        }
    }

    @Test
    void f01_aConnectionThatEndsFailsWhatWaits() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                })) {
            WireConnection connection = connect(server);
            Future<QueryResult> first = connection.query("SELECT 1");
            Future<QueryResult> second = connection.query("SELECT 2");
            String sentence =
                    "The server at 127.0.0.1:" + server.port() + " closed the connection.";
            assertThat(failure(first)).isInstanceOf(ConnectionLost.class).hasMessage(sentence);
            assertThat(failure(second)).isInstanceOf(ConnectionLost.class).hasMessage(sentence);
            assertThat(failure(connection.query("SELECT 3"))).hasMessage(sentence);
            await(connection.close());
        }
    }

    @Test
    void f01_aConnectionThatIsResetSaysSo() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                    s.reset();
                })) {
            assertThat(failure(connect(server).query("SELECT 1")))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage(
                            "The connection to the server at 127.0.0.1:"
                                    + server.port()
                                    + " broke.");
        }
    }

    @Test
    void f08_anEndWithinAMessageIsSaidSo() {
        byte[] row = Backend.row("0123456789");
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                    s.send(Backend.columns("x"), Arrays.copyOf(row, row.length - 1));
                })) {
            assertThat(failure(connect(server).query("SELECT 1")))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage(
                            "The server at 127.0.0.1:"
                                    + server.port()
                                    + " closed the connection in the middle of a message.");
        }
    }

    @Test
    void closingFailsWhatWaitsAndSaysGoodBye() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            Future<QueryResult> first = connection.query("SELECT 1");
            Future<QueryResult> second = connection.query("SELECT 2");
            await(connection.close());
            await(connection.close());
            String sentence = "This side closed the connection.";
            assertThat(failure(first)).isInstanceOf(ConnectionLost.class).hasMessage(sentence);
            assertThat(failure(second)).isInstanceOf(ConnectionLost.class).hasMessage(sentence);
            assertThat(failure(connection.query("SELECT 3"))).hasMessage(sentence);
        }
    }

    @Test
    void f47_aRowThatDoesNotFitItsDescriptionClosesTheConnection() {
        violates(
                "The server sent a row of 1 columns; expected 2.",
                Backend.columns("x", "y"),
                Backend.row("1"));
    }

    @Test
    void f47_aResultBeyondTheBoundClosesTheConnection() {
        violates(
                "The result of a query is larger than 1024 bytes.",
                Backend.columns("x"),
                Backend.row("x".repeat(600)),
                Backend.row("x".repeat(600)));
    }

    @Test
    void f47_aMessageThatMakesNoSenseClosesTheConnection() {
        violates(
                "The server sent CopyBothResponse, which is not expected as the answer to a"
                        + " query.",
                Backend.copyBoth());
        violates(
                "The server sent CopyData, which is not expected outside of a COPY.",
                Backend.copyData("x"));
        violates(
                "The server sent AuthenticationOk, which is not expected as the answer to a"
                        + " query.",
                Backend.authenticationOk());
    }

    @Test
    void f47_moreParametersThanAnyServerHasCloseTheConnection() {
        byte[][] many = new byte[300][];
        for (int i = 0; i < many.length; i++) {
            many[i] = Backend.parameter("p" + i, "x");
        }
        violates("The server reports more than 256 parameters.", many);
    }

    private static void violates(String sentence, byte[]... answer) {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                    s.send(answer);
                    s.expectEnd();
                })) {
            WireConnection connection =
                    await(WireConnection.connect(vertx, options(server).withMaxFrameBytes(1024)));
            assertThat(failure(connection.query("SELECT 1")))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage(sentence);
        }
    }

    @Test
    void belongsToTheEventLoopOfItsCaller() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery("SELECT 1");
                    s.send(Backend.complete("SELECT 0"), Backend.ready());
                    s.expectTerminate();
                })) {
            Context mine = vertx.getOrCreateContext();
            CompletableFuture<Context> connected = new CompletableFuture<>();
            CompletableFuture<Context> answered = new CompletableFuture<>();
            mine.runOnContext(_ ->
                    WireConnection.connect(vertx, options(server))
                            .onSuccess(connection -> {
                                connected.complete(connection.context());
                                connection
                                        .query("SELECT 1")
                                        .onSuccess(_ -> answered.complete(Vertx.currentContext()))
                                        .eventually(connection::close);
                            }));
            assertThat(connected.join()).isSameAs(mine);
            assertThat(answered.join()).isSameAs(mine);
        }
    }

    @Test
    void f09_aSessionThatTricklesInByteByByteIsTheSame() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    var _ = s.expectStartup();
                    s.trickle(Backend.greeting());
                    s.expectQuery("SELECT 1");
                    s.trickle(
                            Backend.columns("x"),
                            Backend.row("1"),
                            Backend.complete("SELECT 1"),
                            Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            assertThat(await(connection.query("SELECT 1")).value(0, "x")).isEqualTo("1");
            await(connection.close());
        }
    }
}
