package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static dev.walmonitor.source.postgres.wire.Awaiting.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.DatabaseUrl.SslMode;
import dev.walmonitor.source.postgres.wire.ScriptedServer.Script;
import dev.walmonitor.source.postgres.wire.ScriptedServer.Session;
import dev.walmonitor.source.postgres.wire.WireException.AuthFailure;
import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.DeadlineExceeded;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From the credentials to ready for queries, in plaintext; {@code TlsTest} has the rest. */
class ConnectTest {
    private static final String PASSWORD = "s3cret-canary";
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
    }

    private static WireOptions options(ScriptedServer server) {
        return options(server, () -> Future.succeededFuture(password(PASSWORD)));
    }

    private static WireOptions options(
            ScriptedServer server, Supplier<Future<Credentials>> credentials) {
        return WireOptions.of("127.0.0.1", server.port(), "shop", credentials);
    }

    private static Credentials password(String password) {
        return Credentials.of("app", password.toCharArray());
    }

    private static void scram(Session s, String password, int iterations) throws Exception {
        ScramServer scram = new ScramServer(password);
        s.send(Backend.sasl("SCRAM-SHA-256"));
        byte[] initial = s.expect('p');
        String first = scram.first(ScramServer.initialData(initial), iterations);
        s.send(Backend.authentication(11, Backend.utf8(first)));
        String proof = new String(s.expect('p'), StandardCharsets.UTF_8);
        String last = scram.last(proof, iterations, new byte[0]);
        s.send(Backend.authentication(12, Backend.utf8(last)), Backend.greeting());
    }

    /** Connecting to a server that plays the script fails like this. */
    private static void fails(
            Class<? extends WireException> type, String sentence, Script afterStartup) {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    var _ = s.expectStartup();
                    afterStartup.play(s);
                    s.expectEnd();
                })) {
            assertThat(failure(WireConnection.connect(vertx, options(server))))
                    .isInstanceOf(type)
                    .hasMessage(sentence)
                    .extracting(Throwable::getStackTrace)
                    .isEqualTo(new StackTraceElement[0]);
        }
    }

    @Test
    void f18_connectsByScramAndAsksForTheCredentialsAtEveryConnect() {
        List<String> passwords = List.of("old", "new");
        AtomicInteger connects = new AtomicInteger();
        try (ScriptedServer server =
                ScriptedServer.playing(
                        s -> {
                            var _ = s.expectStartup();
                            scram(s, "old", 4096);
                            s.expectTerminate();
                        },
                        s -> {
                            var _ = s.expectStartup();
                            scram(s, "new", 4096);
                            s.expectTerminate();
                        })) {
            WireOptions options =
                    options(
                            server,
                            () ->
                                    Future.succeededFuture(
                                            password(passwords.get(connects.getAndIncrement()))));
            await(await(WireConnection.connect(vertx, options)).close());
            await(await(WireConnection.connect(vertx, options)).close());
            assertThat(connects).hasValue(2);
        }
    }

    @Test
    void f15_theProofIsMadeWhileTheEventLoopTurns() {
        AtomicInteger turns = new AtomicInteger();
        AtomicInteger turnsAtProof = new AtomicInteger();
        CompletableFuture<WireConnection> connected = new CompletableFuture<>();
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    var _ = s.expectStartup();
                    ScramServer scram = new ScramServer(PASSWORD);
                    s.send(Backend.sasl("SCRAM-SHA-256"));
                    byte[] initial = s.expect('p');
                    String first = scram.first(ScramServer.initialData(initial), 100_000);
                    int before = turns.get();
                    s.send(Backend.authentication(11, Backend.utf8(first)));
                    String proof = new String(s.expect('p'), StandardCharsets.UTF_8);
                    turnsAtProof.set(turns.get() - before);
                    String last = scram.last(proof, 100_000, new byte[0]);
                    s.send(Backend.authentication(12, Backend.utf8(last)));
                    s.send(Backend.greeting());
                    s.expectTerminate();
                })) {
            vertx.getOrCreateContext()
                    .runOnContext(_ -> {
                        long _ = vertx.setPeriodic(1, _ -> turns.incrementAndGet());
                        WireConnection.connect(vertx, options(server))
                                .onSuccess(connected::complete)
                                .onFailure(connected::completeExceptionally);
                    });
            await(connected.join().close());
            // It takes tens of milliseconds; on the event loop there would be one turn at most.
            assertThat(turnsAtProof).hasValueGreaterThan(3);
        }
    }

    @Test
    void f15_aProofThatTheServerDoesNotWaitForIsRefused() {
        fails(
                ProtocolViolation.class,
                "The server sent AuthenticationSaslFinal, which is not expected during start-up.",
                s -> {
                    s.send(Backend.sasl("SCRAM-SHA-256"));
                    String first =
                            new ScramServer(PASSWORD)
                                    .first(ScramServer.initialData(s.expect('p')), 100_000);
                    s.send(
                            Backend.authentication(11, Backend.utf8(first)),
                            Backend.authentication(12, Backend.utf8("v=x")));
                });
    }

    @Test
    void f15_hostileIterationsEndTheAttempt() {
        fails(
                AuthFailure.class,
                "The server asks for 2147483647 SCRAM iterations; allowed are 4096 to 100000.",
                s -> {
                    s.send(Backend.sasl("SCRAM-SHA-256"));
                    String first =
                            new ScramServer(PASSWORD)
                                    .first(
                                            ScramServer.initialData(s.expect('p')),
                                            Integer.MAX_VALUE);
                    s.send(Backend.authentication(11, Backend.utf8(first)));
                });
    }

    @Test
    void f15_aServerWithTheWrongSignatureIsLeft() {
        fails(
                AuthFailure.class,
                "The server failed to prove that it knows the password: its SCRAM signature is"
                        + " missing or wrong.",
                s -> {
                    s.send(Backend.sasl("SCRAM-SHA-256"));
                    String first =
                            new ScramServer(PASSWORD)
                                    .first(ScramServer.initialData(s.expect('p')), 4096);
                    s.send(Backend.authentication(11, Backend.utf8(first)));
                    assertThat(s.expect('p')).isNotEmpty();
                    s.send(Backend.authentication(12, Backend.utf8("v=" + "A".repeat(43) + "=")));
                });
    }

    @Test
    void f15_aServerThatLetsUsInUnaskedIsLeft() {
        fails(
                AuthFailure.class,
                "The server let the user app in without asking for the password, so it has not"
                        + " proved that it knows it. If pg_hba.conf means that (trust, peer, cert),"
                        + " leave the password out of the URL or add require_auth=scram-sha-256,none to it.",
                s -> s.send(Backend.greeting()));
    }

    @Test
    void f15_readyWithoutAuthenticationIsRefused() {
        fails(
                ProtocolViolation.class,
                "The server sent ReadyForQuery, which is not expected during start-up.",
                s -> s.send(Backend.ready()));
        fails(
                ProtocolViolation.class,
                "The server sent DataRow, which is not expected during start-up.",
                s -> s.send(Backend.row("x")));
    }

    @Test
    void f10_aWrongPasswordIsSaidByTheServerAndNeverByUs() {
        fails(
                ServerError.class,
                "The server said: FATAL: password authentication failed for user \"app\" (SQLSTATE"
                        + " 28P01).",
                s ->
                        s.send(
                                Backend.error(
                                        "FATAL",
                                        "28P01",
                                        "password authentication failed for user \"app\"")));
    }

    @Test
    void f11_aLineForReplicationOnlyIsExplained() {
        fails(
                ServerError.class,
                "The server said: FATAL: no pg_hba.conf entry for host \"127.0.0.1\" (SQLSTATE"
                        + " 28000). A logical replication connection is matched by its database,"
                        + " never by the word \"replication\": pg_hba.conf needs a line such as"
                        + " \"hostssl <database> <user> <address> scram-sha-256\".",
                s ->
                        s.send(
                                Backend.error(
                                        "FATAL",
                                        "28000",
                                        "no pg_hba.conf entry for host \"127.0.0.1\"")));
    }

    @Test
    void f17_aPoolerInTheWayIsExplained() {
        fails(
                ServerError.class,
                "The server said: FATAL: unsupported startup parameter: replication (SQLSTATE"
                        + " 08P01). That is what a connection pooler answers; connect to the"
                        + " PostgreSQL server itself, not to the pooler.",
                s ->
                        s.send(
                                Backend.error(
                                        "FATAL",
                                        "08P01",
                                        "unsupported startup parameter: replication")));
    }

    @Test
    void aServerThatDoesNotSpeakUtf8IsLeft() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    var _ = s.expectStartup();
                    s.send(
                            Backend.authenticationOk(),
                            Backend.parameter("client_encoding", "LATIN1"),
                            Backend.ready());
                    s.expectEnd();
                })) {
            assertThat(failure(WireConnection.connect(vertx, WireConnectionTest.options(server))))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage(
                            "The server uses the client_encoding LATIN1 although UTF8 was asked"
                                    + " for.");
        }
    }

    @Test
    void f47_aLongMessageIsNotBelievedBeforeTheStartIsOver() {
        fails(
                ProtocolViolation.class,
                "The server sent a ErrorResponse with the length 65541 at byte 0 of the stream;"
                        + " expected 4 to 65540.",
                s -> s.send(new byte[] {'E'}, Backend.int32(65_541)));
    }

    @Test
    void f47_anotherServiceIsRecognizedAtItsFirstBytes() {
        fails(
                ProtocolViolation.class,
                "The server sent a CopyOutResponse with the length 1414811695 at byte 0 of the"
                        + " stream; expected 4 to 65540.",
                s -> s.send(Backend.utf8("HTTP/1.1 400 Bad Request\r\n\r\n")));
    }

    @Test
    void f58_aLongerKeyAndAnOfferOfVersionsAreFine() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    var _ = s.expectStartup();
                    s.send(
                            Backend.message('v', Backend.int32(0), Backend.int32(0)),
                            Backend.authenticationOk(),
                            Backend.notice("NOTICE", "00000", "welcome"),
                            Backend.keyData(99, 32),
                            Backend.ready());
                    s.expectTerminate();
                })) {
            WireConnection connection =
                    await(WireConnection.connect(vertx, WireConnectionTest.options(server)));
            assertThat(connection.backendPid()).isEqualTo(99);
            await(connection.close());
        }
    }

    @Test
    void f58_oneDeadlineCoversEveryStep() {
        late("the server to start the session", false, s -> {});
        late("the server to start the session", false, s -> s.send(Backend.sasl("SCRAM-SHA-256")));
        late(
                "the server to start the session",
                false,
                s -> s.trickleUntilEnd(Backend.parameter("p", "x")));
        late("the TLS handshake", true, s -> {});
        late("the TLS handshake", true, s -> s.send(new byte[] {'S'}));
    }

    private static void late(String waitingFor, boolean tls, Script script) {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    script.play(s);
                    s.drain();
                })) {
            WireOptions options =
                    options(server)
                            .withTls(TlsOptions.of(tls ? SslMode.REQUIRE : SslMode.DISABLE))
                            .withConnectDeadline(Duration.ofMillis(200));
            assertThat(failure(WireConnection.connect(vertx, options)))
                    .isInstanceOf(DeadlineExceeded.class)
                    .hasMessage(
                            "The connection to 127.0.0.1:"
                                    + server.port()
                                    + " was not ready within 200 ms; it was still waiting for "
                                    + waitingFor
                                    + ".");
        }
    }

    @Test
    void f58_credentialsThatDoNotComeFailTheAttempt() {
        try (ScriptedServer server = ScriptedServer.playing()) {
            String address = "127.0.0.1:" + server.port();
            WireOptions hanging =
                    options(server, () -> Promise.<Credentials>promise().future())
                            .withConnectDeadline(Duration.ofMillis(50));
            assertThat(failure(WireConnection.connect(vertx, hanging)))
                    .isInstanceOf(DeadlineExceeded.class)
                    .hasMessage(
                            "The connection to "
                                    + address
                                    + " was not ready within 50 ms; it was still waiting for the"
                                    + " credentials.");
            WireOptions failing = options(server, () -> Future.failedFuture("vault is sealed"));
            assertThat(failure(WireConnection.connect(vertx, failing)))
                    .isInstanceOf(AuthFailure.class)
                    .hasMessage(
                            "The credentials for " + address + " cannot be had: vault is sealed");
            WireOptions throwing =
                    options(
                            server,
                            () -> {
                                throw new IllegalStateException("no file");
                            });
            assertThat(failure(WireConnection.connect(vertx, throwing)))
                    .isInstanceOf(AuthFailure.class)
                    .hasMessage("The credentials for " + address + " cannot be had: no file");
        }
    }

    @Test
    void f01_aServerThatLeavesDuringTheStartIsALostConnection() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> assertThat(s.expectStartup()).isNotEmpty())) {
            assertThat(failure(WireConnection.connect(vertx, options(server))))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage(
                            "The server at 127.0.0.1:" + server.port() + " closed the connection.");
        }
    }

    @Test
    void f16_nothingThatListensIsSaidWithTheAddress() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        WireOptions nobody =
                WireOptions.of(
                        "127.0.0.1", port, "shop", () -> Future.succeededFuture(password("x")));
        assertThat(failure(WireConnection.connect(vertx, nobody)))
                .isInstanceOf(ConnectionLost.class)
                .hasMessage(
                        "Nothing answers at 127.0.0.1:"
                                + port
                                + ": 127.0.0.1 refused the connection.");
    }

    @Test
    void f16_aNameWithoutAnAddressIsSaidSo() {
        String name = "x".repeat(300);
        WireOptions nowhere =
                WireOptions.of(name, 5432, "shop", () -> Future.succeededFuture(password("x")));
        assertThat(failure(WireConnection.connect(vertx, nowhere)))
                .isInstanceOf(ConnectionLost.class)
                .hasMessage("The host name " + name + " cannot be resolved.");
    }

    @Test
    void f16_everyAddressOfANameIsTriedWithinTheDeadline() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"));
                ScriptedServer server = ScriptedServer.playing(s -> s.expectEnd())) {
            List<Socket> taken = fill(full);
            InetSocketAddress refuses =
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.3"), server.port());
            InetSocketAddress silent =
                    new InetSocketAddress(full.getInetAddress(), full.getLocalPort());
            InetSocketAddress answers =
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.port());
            Dialer dialer = new Dialer(vertx, options(server), () -> Duration.ofMillis(900));

            await(dialer.dial(List.of(refuses, silent, answers))).close();
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    @Test
    void f16_whatBecameOfEachAddressIsSaid() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"));
                ScriptedServer server = ScriptedServer.playing()) {
            List<Socket> taken = fill(full);
            InetSocketAddress refuses =
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.3"), server.port());
            InetSocketAddress silent =
                    new InetSocketAddress(full.getInetAddress(), full.getLocalPort());
            Dialer dialer = new Dialer(vertx, options(server), () -> Duration.ofMillis(200));

            assertThat(failure(dialer.dial(List.of(silent, refuses))))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessage(
                            "Nothing answers at 127.0.0.1:"
                                    + server.port()
                                    + ": 127.0.0.2 gave no answer within 100 ms; 127.0.0.3 refused"
                                    + " the connection.");
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    /** A full backlog drops what else wants to connect, as a dead host does. */
    private static List<Socket> fill(ServerSocket server) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            sockets.add(new Socket(server.getInetAddress(), server.getLocalPort()));
        }
        return sockets;
    }

    @Test
    void f16_anIpv6AddressIsConnectedTo() throws Exception {
        InetAddress loopback = InetAddress.ofLiteral("::1");
        try (ServerSocket server = new ServerSocket(0, 1, loopback)) {
            WireOptions options =
                    WireOptions.of(
                                    "[::1]",
                                    server.getLocalPort(),
                                    "shop",
                                    () -> Future.succeededFuture(password("x")))
                            .withConnectDeadline(Duration.ofSeconds(5));
            Dialer dialer = new Dialer(vertx, options, options::connectDeadline);
            Dialer.Line line = await(dialer.resolve().compose(dialer::dial));
            try (Socket accepted = server.accept()) {
                assertThat(accepted.getInetAddress()).isEqualTo(loopback);
            }
            line.close();
        }
    }
}
