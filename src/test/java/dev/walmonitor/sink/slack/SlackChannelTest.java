package dev.walmonitor.sink.slack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.TestHttp;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
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
    private static final Message TO_A_MEMBER =
            new Message(
                    new Recipient("Ingrid", null, "U024BE7LH", null, null),
                    "New Ticket",
                    "TKT-00123",
                    "https://tickets.example.org/123?a=b&c=d");
    private static final String SECRET = "/services/T0/B0/hushhush";
    private static final String TOKEN = "xoxb-hushhush";

    private final Vertx vertx = Vertx.vertx();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private record Config(
            Optional<String> url,
            Optional<String> token,
            String api,
            Duration timeout,
            Optional<String> rate)
            implements SlackConfig {}

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
                                + " application/json; charset=utf-8 null"
                                + " {\"text\":\"*New Ticket* Ingrid\\nTKT-00123\"}");
    }

    @Test
    void aMembersAccountGetsADirectMessageOfTheBot() {
        SlackChannel slack = bot(serve(request -> request.response().end("{\"ok\":true}")));
        assertThat(slack.fault()).isEmpty();
        send(slack, TO_A_MEMBER);

        assertThat(received)
                .containsExactly(
                        "POST /api/chat.postMessage application/json; charset=utf-8 Bearer "
                                + TOKEN
                                + " {\"channel\":\"U024BE7LH\",\"text\":\"*New"
                                + " Ticket*\\nTKT-00123\\n<https://tickets.example.org/123?a=b&amp;c=d>\",\"unfurl_links\":false,\"unfurl_media\":false}");
    }

    @Test
    void whoHasNoAccountReadsTheWebhooksChannel() {
        HttpServer server = serve(request -> request.response().end("{\"ok\":true}"));
        SlackChannel both = channel(webhook(server), TOKEN, api(server), Duration.ofSeconds(10));
        send(both, MESSAGE);
        send(both, TO_A_MEMBER);

        assertThat(received).hasSize(2);
        assertThat(received.get(0)).startsWith("POST " + SECRET);
        assertThat(received.get(1)).startsWith("POST /api/chat.postMessage");
    }

    @Test
    void itReachesAccountsByTheBotAndEverybodyByTheWebhook() {
        SlackChannel bot = channel(null, TOKEN, "https://slack.com/api/", Duration.ofSeconds(1));
        SlackChannel webhook = at("https://hooks.slack.com/services/x");
        Recipient odd = new Recipient("Ann", null, "@ann\nBcc: all", null, null);

        assertThat(bot.reach(TO_A_MEMBER.to())).isEqualTo(Reach.Account.ACCOUNT);
        assertThat(bot.reach(MESSAGE.to())).isEqualTo(new Reach.Nowhere("no Slack account"));
        assertThat(bot.reach(odd))
                .isEqualTo(
                        new Reach.Nowhere("the Slack account is no member's id such as U024BE7LH"));
        assertThat(webhook.reach(TO_A_MEMBER.to())).isEqualTo(Reach.Account.ACCOUNT);
        assertThat(webhook.reach(MESSAGE.to())).isEqualTo(Reach.Room.ROOM);
    }

    @Test
    void whatTheBotIsRefusedSaysWhatMendsIt() {
        assertRefused(
                "invalid_auth",
                false,
                ": set wal-monitor.channels.slack.token to a bot's token that is valid");
        assertRefused(
                "channel_not_found", false, ": there is no such member in the bot's workspace");
        assertRefused("missing_scope", false, ": give the bot the right chat:write");
        assertRefused("msg_too_long", false, "");
        assertRefused("internal_error", true, "");
    }

    private void assertRefused(String error, boolean retryable, String hint) {
        HttpServer server =
                serve(request ->
                        request.response().end("{\"ok\":false,\"error\":\"" + error + "\"}"));
        assertFails(bot(server), server, TO_A_MEMBER, " answered " + error + hint, retryable);
    }

    @Test
    void anAnswerThatIsNotSlacksMayBeTriedAgain() {
        for (String odd : List.of("<html>", "", "[1]", "{\"ok\":\"yes\"}", "{\"error\":\"a b\"}")) {
            HttpServer server = serve(request -> request.response().end(odd));
            assertFails(
                    bot(server),
                    server,
                    TO_A_MEMBER,
                    " gave an answer that is none of Slack's",
                    true);
        }
    }

    @Test
    void aLimitSaysForHowLong() {
        HttpServer limited =
                serve(request ->
                        request.response()
                                .putHeader("retry-after", "30")
                                .end("{\"ok\":false,\"error\":\"ratelimited\"}"));
        assertThat(pause(bot(limited), TO_A_MEMBER)).contains(Duration.ofSeconds(30));
        HttpServer busy =
                serve(request ->
                        request.response().setStatusCode(429).putHeader("retry-after", "7").end());
        assertThat(pause(bot(busy), TO_A_MEMBER)).contains(Duration.ofSeconds(7));
        assertThat(pause(slack(busy), MESSAGE)).contains(Duration.ofSeconds(7));
        HttpServer silent = serve(request -> request.response().setStatusCode(503).end());
        assertThat(pause(slack(silent), MESSAGE)).contains(Duration.ofSeconds(1));
    }

    private static Optional<Duration> pause(SlackChannel slack, Message message) {
        try {
            send(slack, message);
            return Optional.empty();
        } catch (SinkException e) {
            assertThat(e.isRetryable()).isTrue();
            return e.retryAfter();
        }
    }

    @Test
    void aServerErrorMayBeTriedAgain() {
        assertAnswerFails(500, " answered 500", true);
        assertAnswerFails(503, " answered 503", true);
    }

    @Test
    void aWebhookThatIsGoneNeedsANewOne() {
        assertAnswerFails(
                404,
                " answered 404: the webhook does not take the message or is gone; make a new one",
                false);
    }

    @Test
    void aRedirectIsNotFollowed() {
        HttpServer elsewhere = serve(request -> request.response().end("stolen"));
        HttpServer server =
                serve(request ->
                        request.response()
                                .setStatusCode(307)
                                .putHeader(
                                        "location",
                                        "http://127.0.0.1:" + elsewhere.actualPort() + "/")
                                .end());
        assertFails(
                slack(server),
                server,
                MESSAGE,
                " answered 307: it points elsewhere, which is not followed",
                false);
        assertThat(received).hasSize(1);
    }

    @Test
    void aSlackThatNeverAnswersFailsInTime() {
        HttpServer server = serve(request -> {});
        SlackChannel slack = channel(webhook(server), null, "", Duration.ofMillis(200));

        assertFails(slack, server, MESSAGE, " did not answer within 200 ms", true);
    }

    @Test
    void anAnswerOfTheBotThatNeverEndsFailsInTime() {
        HttpServer server =
                serve(request -> {
                    request.response().setChunked(true);
                    long timer = vertx.setPeriodic(20, t -> request.response().write("{"));
                    request.response().closeHandler(v -> vertx.cancelTimer(timer));
                });
        SlackChannel slack = channel(null, TOKEN, api(server), Duration.ofMillis(300));

        assertFails(slack, server, TO_A_MEMBER, " gave an answer that is none of Slack's", true);
    }

    @Test
    void aConnectionThatIsClosedMayBeTriedAgain() {
        HttpServer server = serve(request -> request.connection().close());

        assertFails(
                slack(server),
                server,
                MESSAGE,
                " cannot be reached, or closed the connection",
                true);
    }

    @Test
    void anAddressThatIsLocalIsRefusedWithoutTheOperatorsWord() {
        SlackChannel slack =
                new SlackChannel(
                        TestHttp.asConfigured(vertx),
                        new Config(
                                Optional.of("http://127.0.0.1:1" + SECRET),
                                Optional.empty(),
                                "",
                                Duration.ofSeconds(1),
                                Optional.empty()),
                        () -> now);

        assertThat(slack.refusal().await().atMost(Duration.ofSeconds(20)).orElseThrow())
                .startsWith("Slack's address cannot be used: its host 127.0.0.1 has the address")
                .contains("wal-monitor.webhooks.allowed-networks")
                .doesNotContain("hushhush");
        assertThatThrownBy(() -> send(slack, MESSAGE))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isFalse());
    }

    @Test
    void withoutAnAddressItSaysWhatToSet() {
        String fix =
                "set wal-monitor.channels.slack.url to the address of an incoming webhook, or"
                        + " wal-monitor.channels.slack.token to a bot's token.";
        assertThat(at(null).fault()).contains("Slack has neither an address nor a token; " + fix);
        assertThat(at("  ").fault()).contains("Slack has neither an address nor a token; " + fix);
        for (String wrong : List.of("hooks.slack.com/x", "ftp://a/b", "http://", "http://a b")) {
            assertThat(at(wrong).fault())
                    .contains("Slack's address is no http or https URL; " + fix);
        }
        assertThat(at("https://hooks.slack.com/services/x").fault()).isEmpty();
        assertThatThrownBy(() -> send(at(null), MESSAGE))
                .hasMessage("Slack has neither an address nor a token; " + fix);
    }

    @Test
    void aRateThatCannotBeReadIsAFault() {
        Config config =
                new Config(
                        Optional.of("https://hooks.slack.com/services/x"),
                        Optional.empty(),
                        "",
                        Duration.ofSeconds(1),
                        Optional.of("often"));

        assertThat(new SlackChannel(TestHttp.onLoopback(vertx), config, () -> now).fault())
                .contains(
                        "wal-monitor.channels.slack.rate cannot be read. Expected a rate such as 1/s, 30/m or"
                                + " 1000/h, got \"often\".");
    }

    @Test
    void whatComesFromARowCannotMentionAnybody() {
        Message message =
                new Message(
                        new Recipient("<!channel>", null, null, null, null),
                        "a & b <@U1>",
                        "<http://evil|click>",
                        "https://evil|click>");
        assertThat(SlackText.of(message, true))
                .isEqualTo("*a &amp; b &lt;@U1&gt;* &lt;!channel&gt;\n&lt;http://evil|click&gt;");
    }

    @Test
    void aMemberIsMentionedByIdAndAnybodyElseByName() {
        assertThat(text("Ingrid", "U024BE7LH")).isEqualTo("*t* <@U024BE7LH>");
        assertThat(text("Ingrid", "@ingrid")).isEqualTo("*t* Ingrid");
        assertThat(text(null, "@ingrid")).isEqualTo("*t* @ingrid");
        assertThat(SlackText.of(new Message(Recipient.ANYBODY, "t", ""), true)).isEqualTo("*t*");
    }

    @Test
    void aMessageThatIsTooLongIsCutBetweenCharactersWithANote() {
        String text =
                SlackText.of(
                        new Message(Recipient.ANYBODY, "t", "\ud83d\ude42".repeat(500_000)), true);

        assertThat(text)
                .hasSizeLessThan(40_000)
                .endsWith("\ud83d\ude42\u2026 (993000 characters cut)");
    }

    private static String text(@Nullable String name, String slack) {
        return SlackText.of(
                new Message(new Recipient(name, null, slack, null, null), "t", ""), true);
    }

    private void assertAnswerFails(int status, String what, boolean retryable) {
        HttpServer server = serve(request -> request.response().setStatusCode(status).end("x"));
        assertFails(slack(server), server, MESSAGE, what, retryable);
    }

    private HttpServer serve(Handler<HttpServerRequest> answer) {
        return TestHttp.serve(
                vertx,
                request ->
                        request.bodyHandler(body -> {
                            received.add(
                                    request.method()
                                            + " "
                                            + request.path()
                                            + " "
                                            + request.getHeader("content-type")
                                            + " "
                                            + request.getHeader("authorization")
                                            + " "
                                            + new JsonObject(body).encode());
                            answer.handle(request);
                        }));
    }

    private static String webhook(HttpServer server) {
        return "http://127.0.0.1:" + server.actualPort() + SECRET;
    }

    private static String api(HttpServer server) {
        return "http://127.0.0.1:" + server.actualPort() + "/api";
    }

    private SlackChannel slack(HttpServer server) {
        return at(webhook(server));
    }

    private SlackChannel bot(HttpServer server) {
        return channel(null, TOKEN, api(server), Duration.ofSeconds(10));
    }

    private SlackChannel at(@Nullable String url) {
        return channel(url, null, "https://slack.com/api/", Duration.ofSeconds(10));
    }

    private SlackChannel channel(
            @Nullable String url, @Nullable String token, String api, Duration timeout) {
        return new SlackChannel(
                TestHttp.onLoopback(vertx),
                new Config(
                        Optional.ofNullable(url),
                        Optional.ofNullable(token),
                        api,
                        timeout,
                        Optional.of("1/s")),
                () -> now);
    }

    private static void assertFails(
            SlackChannel slack, HttpServer server, Message message, String what, boolean again) {
        assertThatThrownBy(() -> send(slack, message))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isEqualTo(again))
                .hasMessage("Slack at 127.0.0.1:" + server.actualPort() + what);
    }

    private static void send(SlackChannel slack, Message message) {
        slack.send(message).await().atMost(Duration.ofSeconds(20));
    }
}
