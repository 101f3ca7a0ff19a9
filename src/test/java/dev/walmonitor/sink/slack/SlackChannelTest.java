package dev.walmonitor.sink.slack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slack is a server on loopback that does what a test says. */
class SlackChannelTest {
    private static final Message MESSAGE =
            new Message(new Recipient("Ingrid", null, null, null, null), "New Ticket", "TKT-00123");
    private static final String SECRET = "/services/T0/B0/hushhush";

    private final Vertx vertx = Vertx.vertx();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aMessageIsOnePostOfJson() {
        SlackChannel slack = slack(serve(request -> request.response().end("ok")));
        send(slack, MESSAGE);

        assertThat(received)
                .containsExactly(
                        "POST "
                                + SECRET
                                + " application/json; charset=utf-8"
                                + " {\"text\":\"*New Ticket* Ingrid\\nTKT-00123\"}");
    }

    @Test
    void aServerErrorMayBeTriedAgain() {
        assertFails(answering(500), " answered 500", true);
        assertFails(answering(503), " answered 503", true);
    }

    @Test
    void aWebhookThatIsGoneNeedsANewOne() {
        assertFails(
                answering(404),
                " answered 404: the webhook does not take the message or is gone; make a new one",
                false);
    }

    @Test
    void aRedirectIsNotFollowed() {
        HttpServer elsewhere = serve(request -> request.response().end("stolen"));
        SlackChannel slack =
                slack(
                        serve(request ->
                                request.response()
                                        .setStatusCode(307)
                                        .putHeader(
                                                "location",
                                                "http://127.0.0.1:" + elsewhere.actualPort() + "/")
                                        .end()));
        assertFails(slack, " answered 307: it points elsewhere, which is not followed", false);
        assertThat(received).hasSize(1);
    }

    @Test
    void whatSlackAsksToWaitIsWaited() {
        SlackChannel slack =
                slack(
                        serve(request -> {
                            boolean first = received.size() == 1;
                            request.response()
                                    .setStatusCode(first ? 429 : 200)
                                    .putHeader("retry-after", "30")
                                    .end();
                        }));
        assertFails(slack, " answered 429", true);
        now = now.plusSeconds(29);
        assertFails(slack, " asked to be left alone for a while", true);
        assertThat(received).hasSize(1);
        now = now.plusSeconds(1);
        send(slack, MESSAGE);

        assertThat(received).hasSize(2);
    }

    @Test
    void aSlackThatNeverAnswersFailsInTime() {
        SlackChannel slack = slack(serve(request -> {}), Duration.ofMillis(200));

        assertFails(slack, " did not answer within 200 ms", true);
    }

    @Test
    void anAnswerThatNeverEndsFailsInTime() {
        SlackChannel slack =
                slack(
                        serve(request -> {
                            request.response().setChunked(true);
                            long timer =
                                    vertx.setPeriodic(20, t -> request.response().write("more"));
                            request.response().closeHandler(v -> vertx.cancelTimer(timer));
                        }),
                        Duration.ofMillis(300));

        assertFails(slack, " did not answer within 300 ms", true);
    }

    @Test
    void aConnectionThatIsClosedMayBeTriedAgain() {
        assertFails(
                slack(serve(request -> request.connection().close())), " cannot be reached", true);
    }

    @Test
    void aSlackThatIsNotThereMayBeTriedAgain() {
        HttpServer server = serve(request -> request.response().end());
        SlackChannel slack = slack(server);
        server.close().toCompletionStage().toCompletableFuture().join();

        assertFails(slack, " cannot be reached", true);
    }

    @Test
    void withoutAnAddressItSaysWhatToSet() {
        String fix = "set wal-monitor.channels.slack.url to the address of an incoming webhook.";
        assertThat(at(null).fault()).contains("Slack has no address; " + fix);
        assertThat(at("  ").fault()).contains("Slack has no address; " + fix);
        for (String wrong : List.of("hooks.slack.com/x", "ftp://a/b", "http://", "http://a b")) {
            assertThat(at(wrong).fault())
                    .contains("Slack's address is no http or https URL; " + fix);
        }
        assertThat(at("https://hooks.slack.com/services/x").fault()).isEmpty();
        assertThatThrownBy(() -> send(at(null), MESSAGE))
                .hasMessage("Slack has no address; " + fix);
    }

    @Test
    void whatComesFromARowCannotMentionAnybody() {
        Message message =
                new Message(
                        new Recipient("<!channel>", null, null, null, null),
                        "a & b <@U1>",
                        "<http://evil|click>");
        assertThat(SlackText.of(message))
                .isEqualTo("*a &amp; b &lt;@U1&gt;* &lt;!channel&gt;\n&lt;http://evil|click&gt;");
    }

    @Test
    void aMemberIsMentionedByIdAndAnybodyElseByName() {
        assertThat(text("Ingrid", "U024BE7LH")).isEqualTo("*t* <@U024BE7LH>");
        assertThat(text("Ingrid", "@ingrid")).isEqualTo("*t* Ingrid");
        assertThat(text(null, "@ingrid")).isEqualTo("*t* @ingrid");
        assertThat(SlackText.of(new Message(Recipient.ANYBODY, "t", ""))).isEqualTo("*t*");
    }

    @Test
    void aMessageThatIsTooLongIsCutBetweenCharacters() {
        String text =
                SlackText.of(new Message(Recipient.ANYBODY, "t", "\ud83d\ude42".repeat(40_000)));

        assertThat(text).hasSizeLessThanOrEqualTo(30_001).endsWith("\ud83d\ude42\u2026");
    }

    private static String text(@Nullable String name, String slack) {
        return SlackText.of(new Message(new Recipient(name, null, slack, null, null), "t", ""));
    }

    private SlackChannel answering(int status) {
        return slack(serve(request -> request.response().setStatusCode(status).end("x")));
    }

    private HttpServer serve(Handler<HttpServerRequest> answer) {
        return vertx.createHttpServer()
                .requestHandler(request ->
                        request.bodyHandler(body -> {
                            received.add(
                                    request.method()
                                            + " "
                                            + request.path()
                                            + " "
                                            + request.getHeader("content-type")
                                            + " "
                                            + new JsonObject(body).encode());
                            answer.handle(request);
                        }))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private SlackChannel slack(HttpServer server) {
        return slack(server, Duration.ofSeconds(10));
    }

    private SlackChannel slack(HttpServer server, Duration timeout) {
        return channel("http://127.0.0.1:" + server.actualPort() + SECRET, timeout);
    }

    private SlackChannel at(@Nullable String url) {
        return channel(url, Duration.ofSeconds(10));
    }

    private SlackChannel channel(@Nullable String url, Duration timeout) {
        return new SlackChannel(
                WebClient.create(io.vertx.mutiny.core.Vertx.newInstance(vertx)),
                Optional.ofNullable(url),
                timeout,
                () -> now);
    }

    private static void assertFails(SlackChannel slack, String what, boolean retryable) {
        assertThatThrownBy(() -> send(slack, MESSAGE))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isEqualTo(retryable))
                .hasMessage("Slack at 127.0.0.1" + what);
    }

    private static void send(SlackChannel slack, Message message) {
        slack.send(message).await().atMost(Duration.ofSeconds(20));
    }
}
