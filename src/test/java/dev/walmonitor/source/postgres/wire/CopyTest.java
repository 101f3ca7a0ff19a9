package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static dev.walmonitor.source.postgres.wire.Awaiting.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.postgres.wire.ScriptedServer.Script;
import dev.walmonitor.source.postgres.wire.ScriptedServer.Session;
import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.HandlerFailed;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The two-way COPY. */
class CopyTest {
    private static final String START = "START_REPLICATION SLOT \"s\" LOGICAL 0/0";
    private static Vertx vertx;

    private final RecordingHandler handler = new RecordingHandler();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
    }

    /** A server that begins a COPY and then plays the script. */
    private static ScriptedServer copying(Script then) {
        return ScriptedServer.playing(s -> {
            s.greet();
            s.expectQuery(START);
            s.send(Backend.copyBoth());
            then.play(s);
        });
    }

    private static WireConnection connect(ScriptedServer server) {
        return await(WireConnection.connect(vertx, WireConnectionTest.options(server)));
    }

    private WireConnection stream(ScriptedServer server) {
        WireConnection connection = connect(server);
        await(connection.copyBoth(START, handler));
        return connection;
    }

    /** The connection takes queries again, and ends in good order. */
    private static void usableAgain(Session s) throws Exception {
        s.expectQuery("SELECT 1");
        s.send(Backend.complete("SELECT 0"), Backend.ready());
        s.expectTerminate();
    }

    private static void useAgain(WireConnection connection) {
        assertThat(await(connection.query("SELECT 1")).rows()).isEmpty();
        await(connection.close());
    }

    private void awaitPayloads(String... payloads) {
        Awaitility.await()
                .atMost(15, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(handler.payloads).containsExactly(payloads));
    }

    @Test
    void f48_messagesOfOtherKindsWithinTheCopyDoNotDisturbIt() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    s.send(
                            Backend.copyData("a"),
                            Backend.parameter("TimeZone", "CET"),
                            Backend.notice("WARNING", "55000", "skipped loading publication"),
                            Backend.copyData(""),
                            Backend.copyData("b"),
                            Backend.copyDone());
                    assertThat(s.expect('c')).isEmpty();
                    s.send(Backend.complete("COPY 0"), Backend.complete("START"));
                    s.send(Backend.ready());
                    usableAgain(s);
                })) {
            WireConnection connection = stream(server);

            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads).containsExactly("a", "", "b");
            assertThat(handler.notices)
                    .hasToString("[WARNING: skipped loading publication (SQLSTATE 55000)]");
            assertThat(handler.reads).hasPositiveValue();
            assertThat(connection.parameter("TimeZone")).isEqualTo("CET");
            useAgain(connection);
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void weEndTheCopyAndGetWhatIsStillUnderWay() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    assertThat(s.expect('c')).isEmpty();
                    s.send(Backend.copyData("late"), Backend.copyDone());
                    s.send(Backend.complete("COPY 0"), Backend.ready());
                    usableAgain(s);
                })) {
            WireConnection connection = stream(server);
            await(connection.copyDone());

            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads).containsExactly("late");
            assertThat(failure(connection.copyDone()))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage("There is no COPY under way on this connection.");
            useAgain(connection);
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void aKeepaliveAfterTheEndIsDropped() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    assertThat(s.expect('c')).isEmpty();
                    s.send(Backend.copyDone(), Backend.copyData("k"));
                    s.send(Backend.complete("COPY 0"), Backend.ready());
                    usableAgain(s);
                })) {
            WireConnection connection = stream(server);
            await(connection.copyDone());
            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads).isEmpty();
            useAgain(connection);
        }
    }

    @Test
    void dataBeforeTheCopyHasBegunIsAViolation() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery(START);
                    s.send(Backend.copyData("a"));
                    s.expectEnd();
                })) {
            assertThat(failure(connect(server).copyBoth(START, handler)))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage("The server sent CopyData, which is not expected before a COPY.");
        }
    }

    @Test
    void whatWeSendGoesOutAsCopyData() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    assertThat(new String(s.expect('d'), StandardCharsets.UTF_8))
                            .isEqualTo("status");
                    assertThat(s.expect('c')).isEmpty();
                    s.expectNothing();
                })) {
            WireConnection connection = stream(server);
            await(connection.sendCopyData(Buffer.buffer("status")));
            Future<Void> done = connection.copyDone();
            assertThat(failure(connection.sendCopyData(Buffer.buffer("too late"))))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage("There is no COPY under way on this connection.");
            assertThat(failure(done)).isInstanceOf(ConnectionLost.class);
            assertThat(handler.awaitEnd()).isPresent();
        }
    }

    @Test
    void f48_anErrorEndsTheCopyAndTheConnectionIsUsableAgain() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    s.send(
                            Backend.copyData("a"),
                            Backend.error("ERROR", "42704", "publication does not exist"),
                            Backend.ready());
                    usableAgain(s);
                })) {
            WireConnection connection = stream(server);

            assertThat(handler.awaitEnd())
                    .get()
                    .isInstanceOf(ServerError.class)
                    .hasToString(
                            ServerError.class.getName()
                                    + ": The server said: ERROR: publication does not exist"
                                    + " (SQLSTATE 42704).");
            useAgain(connection);
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void f02_aFatalErrorEndsTheCopyOnceAlthoughTheSocketEndsToo() throws Exception {
        try (ScriptedServer server =
                copying(s -> s.send(Backend.error("FATAL", "57P01", "terminating connection")))) {
            WireConnection connection = stream(server);
            assertThat(handler.awaitEnd())
                    .get()
                    .isInstanceOfSatisfying(
                            ServerError.class,
                            e -> assertThat(e.serverMessage().isFatal()).isTrue());
            assertThat(failure(connection.query("SELECT 1"))).isInstanceOf(ServerError.class);
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void aRefusedCopyNeverReachesItsHandler() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery(START);
                    s.send(
                            Backend.error("ERROR", "55006", "slot is active for PID 12"),
                            Backend.ready());
                    usableAgain(s);
                })) {
            WireConnection connection = connect(server);
            assertThat(failure(connection.copyBoth(START, handler)))
                    .isInstanceOf(ServerError.class)
                    .hasMessage(
                            "The server said: ERROR: slot is active for PID 12 (SQLSTATE 55006).");
            useAgain(connection);
            assertThat(handler.endings).hasValue(0);
        }
    }

    @Test
    void anAnswerThatIsNoCopyIsAViolation() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.greet();
                    s.expectQuery(START);
                    s.send(Backend.complete("SELECT 0"), Backend.ready());
                    s.expectEnd();
                })) {
            assertThat(failure(connect(server).copyBoth(START, handler)))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage(
                            "The server sent CommandComplete, which is not expected in or around a"
                                    + " two-way COPY.");
            assertThat(handler.endings).hasValue(0);
        }
    }

    @Test
    void f04_aServerThatShutsDownEndsTheCopyInGoodOrder() throws Exception {
        try (ScriptedServer server =
                copying(s -> s.send(Backend.copyData("a"), Backend.complete("COPY 0")))) {
            WireConnection connection = stream(server);
            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads).containsExactly("a");
            assertThat(failure(connection.query("SELECT 1"))).isInstanceOf(ConnectionLost.class);
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void f01_aBareEndIsALostConnection() throws Exception {
        try (ScriptedServer server = copying(s -> s.send(Backend.copyData("a")))) {
            var _ = stream(server);
            assertThat(handler.awaitEnd())
                    .get()
                    .isInstanceOf(ConnectionLost.class)
                    .extracting(WireException::getMessage)
                    .isEqualTo(
                            "The server at 127.0.0.1:" + server.port() + " closed the connection.");
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void f08_whatWasCutIsNeverDelivered() throws Exception {
        byte[] whole = Backend.concat(Backend.copyData("first"), Backend.copyData("second"));
        for (int length = 0; length <= whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            RecordingHandler fresh = new RecordingHandler();
            try (ScriptedServer server = copying(s -> s.send(cut))) {
                await(connect(server).copyBoth(START, fresh));
                assertThat(fresh.awaitEnd()).get().isInstanceOf(ConnectionLost.class);
            }
            int firstEnd = 5 + "first".length();
            assertThat(fresh.payloads)
                    .isEqualTo(
                            List.of("first", "second")
                                    .subList(
                                            0,
                                            length == whole.length
                                                    ? 2
                                                    : length >= firstEnd ? 1 : 0));
        }
    }

    @Test
    void f47_bytesThatMakeNoSenseEndTheCopyAndNothingIsSentAfterThem() throws Exception {
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("a"), Backend.message('?', new byte[4]));
                    s.expectEnd();
                })) {
            WireConnection connection = stream(server);
            assertThat(handler.awaitEnd())
                    .get()
                    .isInstanceOf(ProtocolViolation.class)
                    .extracting(WireException::getMessage)
                    .asString()
                    .startsWith("The server sent a message of the unknown type 0x3F at byte ");
            assertThat(failure(connection.sendCopyData(Buffer.buffer("status"))))
                    .isInstanceOf(ConnectionLost.class);
            assertThat(handler.payloads).containsExactly("a");
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void aHandlerThatThrowsEndsTheCopyAndTheConnection() throws Exception {
        IllegalStateException bug = new IllegalStateException("cannot decode");
        handler.onPayload(_ -> {
            throw bug;
        });
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("a"), Backend.copyData("b"));
                    s.expectEnd();
                })) {
            var _ = stream(server);
            assertThat(handler.awaitEnd())
                    .get()
                    .isInstanceOf(HandlerFailed.class)
                    .extracting(WireException::getMessage, WireException::getCause)
                    .containsExactly(
                            "The reader of the COPY failed: java.lang.IllegalStateException: cannot"
                                    + " decode",
                            bug);
            assertThat(handler.payloads).containsExactly("a");
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void closingWithinTheCopyEndsItInGoodOrderAndAtOnce() throws Exception {
        CompletableFuture<WireConnection> connected = new CompletableFuture<>();
        handler.onPayload(_ -> connected.join().close().onFailure(_ -> {}));
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("a"), Backend.copyData("b"));
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            connected.complete(connection);
            await(connection.copyBoth(START, handler));

            assertThat(handler.awaitEnd()).isEmpty();
            await(connection.close());
            assertThat(handler.payloads).containsExactly("a");
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void f23_pausingTakesEffectBeforeTheNextMessageOfTheSameRead() throws Exception {
        CompletableFuture<WireConnection> connected = new CompletableFuture<>();
        handler.onPayload(_ -> connected.join().pause());
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("a"), Backend.copyData("b"), Backend.copyData("c"));
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            connected.complete(connection);
            await(connection.copyBoth(START, handler));

            awaitPayloads("a");
            // On its own event loop, what was held is there when resume returns.
            assertThat(Awaiting.on(connection, () -> resumed(connection)))
                    .containsExactly("a", "b");
            assertThat(Awaiting.on(connection, () -> resumed(connection)))
                    .containsExactly("a", "b", "c");
            assertThat(handler.reads.get()).isGreaterThanOrEqualTo(3);
            await(connection.close());
        }
    }

    private List<String> resumed(WireConnection connection) {
        connection.resume();
        return List.copyOf(handler.payloads);
    }

    @Test
    void f23_whilePausedTheSocketIsNotReadButStillWritten() throws Exception {
        int count = 2_000;
        String big = "x".repeat(16 << 10); // 32 MB in all, more than the kernel's buffers take
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        CompletableFuture<WireConnection> connected = new CompletableFuture<>();
        handler.onPayload(payload -> {
            if (payload.equals("first")) {
                connected.join().pause();
            }
        });
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("first"));
                    assertThat(s.expect('d')).isEqualTo(Backend.utf8("status"));
                    for (int i = 0; i < count; i++) {
                        s.send(Backend.copyData(i + big));
                    }
                    sent.complete(true);
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            connected.complete(connection);
            await(connection.copyBoth(START, handler));
            awaitPayloads("first");
            await(connection.sendCopyData(Buffer.buffer("status")));
            Thread.sleep(500);
            assertThat(sent).isNotDone();
            assertThat(handler.payloads).containsExactly("first");

            connection.resume();
            assertThat(ScriptedServer.await(sent)).isTrue();
            Awaitility.await()
                    .atMost(15, TimeUnit.SECONDS)
                    .until(() -> handler.payloads.size() == count + 1);
            assertThat(handler.payloads.subList(1, count + 1))
                    .isEqualTo(IntStream.range(0, count).mapToObj(i -> i + big).toList());
            await(connection.close());
        }
    }

    @Test
    void f23_aConnectionThatBreaksWhilePausedIsReportedByTheNextWrite() throws Exception {
        CompletableFuture<WireConnection> connected = new CompletableFuture<>();
        CompletableFuture<Boolean> paused = new CompletableFuture<>();
        handler.onPayload(_ -> {
            connected.join().pause();
            paused.complete(true);
        });
        try (ScriptedServer server =
                copying(s -> {
                    s.send(Backend.copyData("a"), Backend.copyData("held"));
                    assertThat(ScriptedServer.await(paused)).isTrue();
                    s.reset();
                })) {
            WireConnection connection = connect(server);
            connected.complete(connection);
            await(connection.copyBoth(START, handler));
            server.awaitPlayed();
            Awaitility.await()
                    .atMost(15, TimeUnit.SECONDS)
                    .until(() ->
                            connection
                                    .sendCopyData(Buffer.buffer("status"))
                                    .transform(done -> Future.succeededFuture(done.failed()))
                                    .toCompletionStage()
                                    .toCompletableFuture()
                                    .get(15, TimeUnit.SECONDS));
            assertThat(handler.awaitEnd()).get().isInstanceOf(ConnectionLost.class);
            connection.resume();
            assertThat(handler.payloads).containsExactly("a");
            assertThat(handler.endings).hasValue(1);
        }
    }

    @Test
    void f06_closingDoesNotWaitForAServerThatIsStuck() throws Exception {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        try (ScriptedServer server =
                copying(s -> assertThat(ScriptedServer.await(closed)).isTrue())) {
            WireConnection connection = stream(server);
            // More than the kernel's buffers take, to a server that does not read.
            Future<Void> sent = connection.sendCopyData(Buffer.buffer(new byte[32 << 20]));
            await(connection.close());
            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(failure(sent)).isNotNull();
            closed.complete(true);
        }
    }

    @Test
    void f09_aBurstOfManyMessagesComesWholeAndInOrder() throws Exception {
        int count = 50_000;
        try (ScriptedServer server =
                copying(s -> {
                    byte[][] all = new byte[count][];
                    for (int i = 0; i < count; i++) {
                        all[i] = Backend.copyData("m" + i);
                    }
                    s.send(all);
                    s.send(Backend.copyDone());
                    assertThat(s.expect('c')).isEmpty();
                    s.send(Backend.complete("COPY 0"), Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection = connect(server);
            await(connection.copyBoth(START, handler));
            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads)
                    .isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
            await(connection.close());
        }
    }
}
