package dev.walmonitor.source.postgres.wire;

import static dev.walmonitor.source.postgres.wire.Awaiting.await;
import static dev.walmonitor.source.postgres.wire.Awaiting.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.walmonitor.source.DatabaseUrl.SslMode;
import dev.walmonitor.source.postgres.wire.ScriptedServer.Script;
import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.TlsFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final String PASSWORD = "s3cret-canary";
    private static final byte[] YES = {'S'};
    private static final byte[] NO = {'N'};

    @TempDir private static Path directory;
    private static Vertx vertx;
    private static TestCertificates local;
    private static TestCertificates elsewhere;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        local = TestCertificates.naming(directory, "dns:localhost,ip:127.0.0.1");
        elsewhere = TestCertificates.naming(directory, "dns:db.elsewhere.example");
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
    }

    private static WireOptions options(ScriptedServer server, TlsOptions tls) {
        return WireOptions.of(
                        "localhost",
                        server.port(),
                        "shop",
                        () -> Future.succeededFuture(Credentials.withoutPassword("app")))
                .withTls(tls);
    }

    private static TlsOptions trusting(SslMode mode, TestCertificates certificates)
            throws Exception {
        return TlsOptions.of(mode).withRootCertificate(certificates.certificateFile());
    }

    /** A server that agrees to TLS and greets within it. */
    private static Script encrypted(TestCertificates certificates) {
        return s -> {
            s.expectSslRequest();
            s.send(YES);
            s.startTls(certificates.serverContext());
            s.greet();
            s.expectTerminate();
        };
    }

    private static void connects(TestCertificates server, TlsOptions tls) {
        try (ScriptedServer scripted = ScriptedServer.playing(encrypted(server))) {
            await(await(WireConnection.connect(vertx, options(scripted, tls))).close());
        }
    }

    private static void fails(
            TlsOptions tls, Class<? extends WireException> type, String sentence, Script script) {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.expectSslRequest();
                    script.play(s);
                })) {
            assertThat(failure(WireConnection.connect(vertx, options(server, tls))))
                    .isInstanceOf(type)
                    .hasMessage(sentence.replace("PORT", Integer.toString(server.port())));
        }
    }

    /** The server's side of a handshake that the client gives up. */
    private static Script refused(TestCertificates certificates) {
        return s -> {
            s.send(YES);
            try {
                s.startTls(certificates.serverContext());
                s.expectEnd();
            } catch (IOException alert) { // or the connection is gone before it is written
                assertThat(alert).isNotNull();
            }
        };
    }

    @Test
    void eachModeVerifiesWhatLibpqVerifies() throws Exception {
        connects(elsewhere, TlsOptions.of(SslMode.PREFER));
        connects(elsewhere, TlsOptions.of(SslMode.REQUIRE));
        connects(elsewhere, trusting(SslMode.REQUIRE, elsewhere));
        connects(elsewhere, trusting(SslMode.VERIFY_CA, elsewhere));
        connects(local, trusting(SslMode.VERIFY_FULL, local));
    }

    @Test
    void f13_aCertificateForAnotherHostIsRefused() throws Exception {
        fails(
                trusting(SslMode.VERIFY_FULL, elsewhere),
                TlsFailure.class,
                "The certificate of the server at localhost:PORT does not name the host localhost,"
                        + " as sslmode=verify-full requires.",
                refused(elsewhere));
    }

    @Test
    void f13_aCertificateThatNobodyTrustsIsRefused() throws Exception {
        String sentence =
                "The certificate of the server at localhost:PORT does not lead to a trusted root;"
                        + " give its root certificate as sslrootcert.";
        fails(TlsOptions.of(SslMode.VERIFY_FULL), TlsFailure.class, sentence, refused(local));
        fails(TlsOptions.of(SslMode.VERIFY_CA), TlsFailure.class, sentence, refused(local));
        // A root certificate makes the weaker modes verify too.
        fails(trusting(SslMode.REQUIRE, elsewhere), TlsFailure.class, sentence, refused(local));
        fails(trusting(SslMode.PREFER, elsewhere), TlsFailure.class, sentence, refused(local));
    }

    @Test
    void f13_anExpiredCertificateIsRefused() throws Exception {
        TestCertificates expired = TestCertificates.expired(directory, "dns:localhost", local);
        fails(
                trusting(SslMode.VERIFY_FULL, local),
                TlsFailure.class,
                "The certificate of the server at localhost:PORT has expired.",
                refused(expired));
    }

    @Test
    void f13_aServerWithoutTlsIsRefusedWhereTlsIsRequired() throws Exception {
        for (SslMode mode : List.of(SslMode.REQUIRE, SslMode.VERIFY_CA, SslMode.VERIFY_FULL)) {
            fails(
                    trusting(mode, local),
                    TlsFailure.class,
                    "The server at localhost:PORT has no TLS, but sslmode="
                            + mode.word()
                            + " requires it. Set ssl=on at the server.",
                    s -> {
                        s.send(NO);
                        s.expectEnd();
                    });
        }
    }

    @Test
    void whatIsPreferredOnlyGoesOnInPlaintext() {
        for (SslMode mode : List.of(SslMode.ALLOW, SslMode.PREFER)) {
            try (ScriptedServer server =
                    ScriptedServer.playing(s -> {
                        s.expectSslRequest();
                        s.send(NO);
                        s.greet();
                        s.expectTerminate();
                    })) {
                AtomicInteger told = new AtomicInteger();
                WireOptions options =
                        options(server, TlsOptions.of(mode)).whenPlaintext(told::incrementAndGet);
                await(await(WireConnection.connect(vertx, options)).close());
                assertThat(told).hasValue(1);
            }
        }
    }

    @Test
    void f14_bytesThatComeWithTheAnswerAreAnAttack() {
        fails(
                TlsOptions.of(SslMode.REQUIRE),
                TlsFailure.class,
                "Bytes that are not encrypted came from localhost:PORT after its agreement to TLS:"
                        + " possible man in the middle. The connection was given up.",
                s -> {
                    s.send(YES, Backend.greeting());
                    s.expectEnd();
                });
        fails(
                TlsOptions.of(SslMode.PREFER),
                TlsFailure.class,
                "More than one byte came from localhost:PORT with its refusal of TLS: possible man"
                        + " in the middle. The connection was given up.",
                s -> {
                    s.send(NO, Backend.greeting());
                    s.expectEnd();
                });
    }

    @Test
    void f14_plaintextInsteadOfAHandshakeIsAnAttackToo() {
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.expectSslRequest();
                    s.send(YES);
                    Thread.sleep(100); // so that it comes in a read of its own
                    s.send(Backend.greeting());
                    s.drain();
                })) {
            assertThat(
                            failure(
                                    WireConnection.connect(
                                            vertx,
                                            options(server, TlsOptions.of(SslMode.REQUIRE)))))
                    .isInstanceOf(TlsFailure.class)
                    .hasMessageStartingWith(
                            "The TLS connection to localhost:"
                                    + server.port()
                                    + " failed: not an SSL/TLS record:");
        }
    }

    @Test
    void f14_anErrorBeforeTlsIsNeverShown() {
        for (SslMode mode : List.of(SslMode.ALLOW, SslMode.PREFER, SslMode.VERIFY_FULL)) {
            fails(
                    TlsOptions.of(mode),
                    TlsFailure.class,
                    "The server at localhost:PORT answered the request for TLS with an error, whose"
                            + " text is not shown because it came unencrypted. The server's log has"
                            + " it.",
                    s -> {
                        s.send(Backend.error("FATAL", "28000", "call this number"));
                        s.expectEnd();
                    });
        }
    }

    @Test
    void anotherServiceIsRecognizedByItsAnswer() {
        fails(
                TlsOptions.of(SslMode.REQUIRE),
                ProtocolViolation.class,
                "The answer of localhost:PORT to the request for TLS is the byte 0x48; a PostgreSQL"
                        + " server says S or N. Is another service there?",
                s -> {
                    s.send(Backend.utf8("HTTP/1.1 400 Bad Request\r\n\r\n"));
                    s.expectEnd();
                });
    }

    @Test
    void aServerThatLeavesDuringTheHandshakeIsALostConnection() {
        String sentence = "localhost:PORT closed the connection during the TLS handshake.";
        fails(TlsOptions.of(SslMode.REQUIRE), ConnectionLost.class, sentence, s -> {});
        fails(TlsOptions.of(SslMode.REQUIRE), ConnectionLost.class, sentence, s -> s.send(YES));
    }

    @Test
    void filesThatCannotBeReadAreNamed() throws Exception {
        Path missing = directory.resolve("missing.pem");
        try (ScriptedServer server = ScriptedServer.playing()) {
            TlsOptions tls = TlsOptions.of(SslMode.VERIFY_FULL).withRootCertificate(missing);
            assertThat(failure(WireConnection.connect(vertx, options(server, tls))))
                    .isInstanceOf(TlsFailure.class)
                    .hasMessageStartingWith(
                            "The TLS files of the connection to localhost:"
                                    + server.port()
                                    + " cannot be used: ")
                    .hasMessageContaining(missing.toString());
            Path garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage");
            TlsOptions bad = TlsOptions.of(SslMode.VERIFY_FULL).withRootCertificate(garbage);
            assertThat(failure(WireConnection.connect(vertx, options(server, bad))))
                    .isInstanceOf(TlsFailure.class)
                    .hasMessageStartingWith(
                            "The TLS files of the connection to localhost:"
                                    + server.port()
                                    + " cannot be used: ");
        }
    }

    @Test
    void f15_scramIsBoundToTheServersCertificate() throws Exception {
        byte[] endPoint = TlsServerEndpoint.getChannelBindingData(local.certificate());
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.expectSslRequest();
                    s.send(YES);
                    s.startTls(local.serverContext());
                    var _ = s.expectStartup();
                    ScramServer scram = new ScramServer(PASSWORD);
                    s.send(Backend.sasl("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));
                    byte[] initial = s.expect('p');
                    assertThat(ScramServer.initialMechanism(initial))
                            .isEqualTo("SCRAM-SHA-256-PLUS");
                    String first = scram.first(ScramServer.initialData(initial), 4096);
                    s.send(Backend.authentication(11, Backend.utf8(first)));
                    String proof = new String(s.expect('p'), StandardCharsets.UTF_8);
                    String last = scram.last(proof, 4096, endPoint);
                    s.send(Backend.authentication(12, Backend.utf8(last)));
                    s.send(Backend.greeting());
                    s.expectTerminate();
                })) {
            WireOptions bound =
                    WireOptions.of(
                                    "localhost",
                                    server.port(),
                                    "shop",
                                    () ->
                                            Future.succeededFuture(
                                                    Credentials.of("app", PASSWORD.toCharArray())))
                            .withTls(trusting(SslMode.VERIFY_FULL, local))
                            .withAuth(
                                    AuthPolicy.DEFAULT.withChannelBinding(ChannelBinding.REQUIRE));
            await(await(WireConnection.connect(vertx, bound)).close());
        }
    }

    @Test
    void ourOwnCertificateIsShownToAServerThatAsks() throws Exception {
        TestCertificates own = TestCertificates.naming(directory, "dns:wal-monitor");
        Script asking =
                s -> {
                    s.expectSslRequest();
                    s.send(YES);
                    s.startTls(local.serverContext(own), true);
                    s.greet();
                    s.expectTerminate();
                };
        try (ScriptedServer server = ScriptedServer.playing(asking)) {
            TlsOptions tls =
                    trusting(SslMode.VERIFY_FULL, local)
                            .withClientCertificate(own.certificateFile(), own.keyFile());
            await(await(WireConnection.connect(vertx, options(server, tls))).close());
        }
    }

    @Test
    void aServerThatMissesOurCertificateIsQuoted() throws Exception {
        TestCertificates own = TestCertificates.naming(directory, "dns:wal-monitor");
        fails(
                trusting(SslMode.VERIFY_FULL, local),
                TlsFailure.class,
                "The TLS connection to localhost:PORT failed: (certificate_required) Received fatal"
                        + " alert: certificate_required.",
                s -> {
                    s.send(YES);
                    try {
                        s.startTls(local.serverContext(own), true);
                    } catch (IOException missing) {
                        assertThat(missing).isNotNull();
                    }
                });
    }

    @Test
    void f09_aCopyInTlsComesWholeAndInOrder() throws Exception {
        int count = 20_000;
        RecordingHandler handler = new RecordingHandler();
        try (ScriptedServer server =
                ScriptedServer.playing(s -> {
                    s.expectSslRequest();
                    s.send(YES);
                    s.startTls(local.serverContext());
                    s.greet();
                    s.expectQuery("START_REPLICATION");
                    s.send(Backend.copyBoth());
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
            WireConnection connection =
                    await(
                            WireConnection.connect(
                                    vertx, options(server, trusting(SslMode.VERIFY_FULL, local))));
            await(connection.copyBoth("START_REPLICATION", handler));
            assertThat(handler.awaitEnd()).isEmpty();
            assertThat(handler.payloads)
                    .isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
            await(connection.close());
        }
    }
}
