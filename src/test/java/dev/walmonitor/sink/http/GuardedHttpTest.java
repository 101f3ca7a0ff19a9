package dev.walmonitor.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.embedded.TestCertificate;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink.Answer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Receivers are servers on loopback, which is allowed unless a test says otherwise. */
class GuardedHttpTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Optional<List<String>> LOOPBACK = Optional.of(List.of("127.0.0.0/8"));

    private final Vertx vertx = Vertx.vertx();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aPostHasItsHeadersAndItsBody() {
        HttpServer server =
                serve(request ->
                        request.bodyHandler(body -> {
                            received.add(
                                    request.method()
                                            + " "
                                            + request.uri()
                                            + " "
                                            + request.getHeader("x-token")
                                            + " "
                                            + request.getHeader("user-agent")
                                            + " "
                                            + body);
                            request.response().setStatusCode(202).end("taken");
                        }));

        assertThat(post(place(server, "/a%20b?c=d"), Map.of("X-Token", "t"), "größer"))
                .isEqualTo(new Answer(202, null, "taken"));
        assertThat(received).containsExactly("POST /a%20b?c=d t wal-monitor größer");
    }

    @Test
    void whateverIsAnsweredIsTheAnswer() {
        HttpServer server =
                serve(request ->
                        request.response().setStatusCode(503).putHeader("Retry-After", "7").end());

        assertThat(post(place(server, "/"))).isEqualTo(new Answer(503, "7"));
    }

    @Test
    void f69_aRedirectIsNotFollowed() {
        HttpServer elsewhere = serve(request -> request.response().end("stolen"));
        HttpServer server =
                serve(request ->
                        request.response()
                                .setStatusCode(307)
                                .putHeader("location", url(elsewhere, "/").toString())
                                .end());

        assertThat(post(place(server, "/")).status()).isEqualTo(307);
        assertThat(received).hasSize(1);
    }

    @Test
    void f69_aServerThatNeverAnswersFailsInTime() {
        assertFails(
                place(serve(request -> {}), "/", Duration.ofMillis(300)),
                " did not answer within 300 ms",
                true);
    }

    @Test
    void f69_aServerThatNeverEndsItsHandshakeFailsInTime() {
        NetServer mute =
                vertx.createNetServer()
                        .connectHandler(socket -> {})
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
        HttpSink.Place place =
                http().place(
                                URI.create("https://127.0.0.1:" + mute.actualPort() + "/"),
                                Duration.ofMillis(300));

        assertThatThrownBy(() -> post(place)).isInstanceOf(SinkException.class);
    }

    @Test
    void f69_ofABodyThatNeverEndsOnlyTheBeginningIsRead() {
        HttpServer server =
                serve(request -> {
                    request.response().setChunked(true).setStatusCode(200);
                    Buffer much = Buffer.buffer("x".repeat(10_000));
                    long timer = vertx.setPeriodic(1, t -> request.response().write(much));
                    request.response()
                            .closeHandler(v -> {
                                vertx.cancelTimer(timer);
                                received.add("closed");
                            });
                });

        assertThat(post(place(server, "/")))
                .isEqualTo(new Answer(200, null, "x".repeat(Exchange.LONGEST_BODY)));
        org.awaitility.Awaitility.await()
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(received).contains("closed"));
    }

    @Test
    void f69_aBodyThatComesTooSlowlyIsNotWaitedFor() {
        HttpServer server =
                serve(request -> {
                    request.response().setChunked(true).setStatusCode(500);
                    long timer = vertx.setPeriodic(20, t -> request.response().write("x"));
                    request.response().closeHandler(v -> vertx.cancelTimer(timer));
                });

        assertThat(post(place(server, "/", Duration.ofMillis(300))).status()).isEqualTo(500);
    }

    @Test
    void anAnswerThatIsOverBeforeTheSenderGoesOnIsHeard() {
        HttpServer server = serve(request -> request.response().setStatusCode(204).end());
        HttpSink.Place place =
                new GuardedPlace(
                        vertx,
                        Slow.client(vertx.createHttpClient()),
                        url(server, "/"),
                        Duration.ofMinutes(10),
                        new Targets(Optional.empty(), LOOPBACK),
                        host -> Uni.createFrom().item(addresses("127.0.0.1")));

        assertThat(post(place)).isEqualTo(new Answer(204, null));
    }

    @Test
    void aServerThatClosesOrIsNotThereCannotBeReached() {
        HttpServer server = serve(request -> request.connection().close());
        HttpSink.Place place = place(server, "/");
        assertFails(place, " cannot be reached, or closed the connection", true);

        server.close().toCompletionStage().toCompletableFuture().join();
        assertFails(place, " cannot be reached, or closed the connection", true);
    }

    @Test
    void aNameWithoutAnAddressIsToldAndTriedAgain() {
        HttpSink http =
                http(
                        LOOPBACK,
                        host -> {
                            throw new UnknownHostException(host);
                        });
        HttpSink.Place place = http.place(URI.create("http://gone.test/"), LIMIT);

        assertFails(place, " cannot be found: its name has no address", true);
        assertThat(refusal(http, "http://gone.test/")).isEmpty();
    }

    @Test
    void f69_aNameOfAPrivateAddressIsRefusedBeforeItIsConnectedTo() {
        HttpServer server = serve(request -> request.response().end());
        HttpSink http = http(Optional.empty(), host -> addresses("127.0.0.1"));
        String url = "http://hooks.test:" + server.actualPort() + "/";
        String why =
                "its host hooks.test has the address 127.0.0.1, which is loopback and refused; the operator"
                        + " can allow it with wal-monitor.webhooks.allowed-networks.";

        assertThat(refusal(http, url)).contains(why);
        assertFails(http.place(URI.create(url), LIMIT), " cannot be used: " + why, false);
        assertThat(received).isEmpty();
    }

    @Test
    void f69_otherWaysToWriteLoopbackAreRefusedToo() {
        HttpSink http = TestHttp.asConfigured(vertx);
        for (String host :
                List.of("127.0.0.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]")) {
            assertThat(refusal(http, "http://" + host + "/")).as(host).isPresent();
        }
    }

    @Test
    void f69_aNameThatChangesItsAddressIsCheckedEachTime() {
        HttpServer server = serve(request -> request.response().end());
        List<String> answers = new ArrayList<>(List.of("127.0.0.1", "10.0.0.1"));
        HttpSink http =
                http(Optional.of(List.of("127.0.0.0/8")), host -> addresses(answers.removeFirst()));
        HttpSink.Place place =
                http.place(URI.create("http://hooks.test:" + server.actualPort() + "/"), LIMIT);

        assertThat(post(place).status()).isEqualTo(200);
        assertThat(received).containsExactly("hooks.test:" + server.actualPort());
        assertThatThrownBy(() -> post(place))
                .hasMessageContaining("its host hooks.test has the address 10.0.0.1");
        assertThat(answers).as("looked up once for each request, never by the client").isEmpty();
    }

    @Test
    void ofSeveralAddressesOnlyThoseThatAreAllowedAreTriedInTurn() {
        HttpServer server = serve(request -> request.response().end());
        HttpSink http =
                http(
                        Optional.of(List.of("127.0.0.0/8")),
                        host -> addresses("10.0.0.1", "127.0.0.2", "127.0.0.1"));
        HttpSink.Place place =
                http.place(URI.create("http://hooks.test:" + server.actualPort() + "/"), LIMIT);

        assertFails(place, " cannot be reached, or closed the connection", true);
        assertThat(post(place).status()).isEqualTo(200);
    }

    @Test
    void tlsVerifiesTheNameAlthoughTheAddressIsPinned() {
        TestCertificate certificate = TestCertificate.forLoopback();
        HttpServer server =
                TestHttp.serve(
                        vertx,
                        new HttpServerOptions()
                                .setSsl(true)
                                .setKeyCertOptions(
                                        new PemKeyCertOptions()
                                                .addCertValue(
                                                        Buffer.buffer(certificate.certificate()))
                                                .addKeyValue(Buffer.buffer(certificate.key()))),
                        request -> request.response().end());
        HttpSink http =
                new GuardedHttp(
                        vertx,
                        new HttpClientOptions()
                                .setTrustOptions(
                                        new PemTrustOptions()
                                                .addCertValue(
                                                        Buffer.buffer(certificate.certificate()))),
                        new Targets(Optional.empty(), LOOPBACK),
                        host -> addresses("127.0.0.1"));
        String port = ":" + server.actualPort() + "/";

        assertThat(post(http.place(URI.create("https://localhost" + port), LIMIT)).status())
                .isEqualTo(200);
        assertThatThrownBy(() -> post(http.place(URI.create("https://hooks.test" + port), LIMIT)))
                .isInstanceOf(SinkException.class)
                .hasMessage(
                        "hooks.test:"
                                + server.actualPort()
                                + " has no TLS connection that can be trusted: No subject alternative"
                                + " DNS name matching hooks.test found.");
        assertThatThrownBy(() -> post(http().place(URI.create("https://localhost" + port), LIMIT)))
                .hasMessageContaining(" has no TLS connection that can be trusted: ");
    }

    private HttpServer serve(io.vertx.core.Handler<HttpServerRequest> answer) {
        return TestHttp.serve(
                vertx,
                request -> {
                    if (!request.uri().contains("?")) {
                        received.add(request.getHeader("host"));
                    }
                    answer.handle(request);
                });
    }

    private HttpSink http() {
        return TestHttp.onLoopback(vertx);
    }

    private HttpSink http(Optional<List<String>> networks, Resolver resolver) {
        return new GuardedHttp(
                vertx, new HttpClientOptions(), new Targets(Optional.empty(), networks), resolver);
    }

    private HttpSink.Place place(HttpServer server, String path) {
        return place(server, path, LIMIT);
    }

    private HttpSink.Place place(HttpServer server, String path, Duration timeout) {
        return http().place(url(server, path), timeout);
    }

    private static URI url(HttpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.actualPort() + path);
    }

    private static InetAddress[] addresses(String... literals) {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.ofLiteral(literals[i]);
        }
        return addresses;
    }

    private static Optional<String> refusal(HttpSink http, String url) {
        return http.refusal(URI.create(url)).await().atMost(LIMIT);
    }

    private static Answer post(HttpSink.Place place) {
        return post(place, Map.of(), "{}");
    }

    private static Answer post(HttpSink.Place place, Map<String, String> headers, String body) {
        return place.post(headers, body).await().atMost(LIMIT);
    }

    private static void assertFails(HttpSink.Place place, String what, boolean retryable) {
        assertThatThrownBy(() -> post(place))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isEqualTo(retryable))
                .hasMessage(place.name() + what);
    }
}
