package dev.walmonitor.sink.teams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.TestHttp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Teams is a server on loopback that does what a test says. */
class TeamsChannelTest {
    private static final Recipient ANN =
            new Recipient("Ann <b>", null, null, "ann@example.org", null);

    private final Vertx vertx = Vertx.vertx();
    private final List<JsonObject> received = new CopyOnWriteArrayList<>();

    private record Config(Optional<String> url, Duration timeout, Optional<String> rate)
            implements TeamsConfig {}

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aMessageIsACardThatMentionsThePerson() {
        TeamsChannel teams = teams(serve(202));
        send(teams, new Message(ANN, "Price *falls*", "[a](http://evil)", "https://example.org/1"));

        assertThat(received)
                .containsExactly(
                        new JsonObject(
                                """
                                {"type": "message", "attachments": [{
                                  "contentType": "application/vnd.microsoft.card.adaptive",
                                  "contentUrl": null,
                                  "content": {
                                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                                    "type": "AdaptiveCard",
                                    "version": "1.4",
                                    "msteams": {"width": "Full", "entities": [{
                                      "type": "mention",
                                      "text": "<at>Ann b</at>",
                                      "mentioned": {"id": "ann@example.org", "name": "Ann b"}}]},
                                    "body": [
                                      {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "Price *falls*",
                                        "weight": "Bolder", "size": "Medium"}]},
                                      {"type": "TextBlock", "text": "<at>Ann b</at>"},
                                      {"type": "RichTextBlock", "inlines": [
                                        {"type": "TextRun", "text": "[a](http://evil)"}]}],
                                    "actions": [
                                      {"type": "Action.OpenUrl", "title": "Open", "url": "https://example.org/1"}]}}]}
                                """));
    }

    @Test
    void whoHasNoAccountIsNamedAndNobodyIsNot() {
        Recipient named = new Recipient("Ben", null, null, null, null);
        assertThat(Card.of(new Message(named, "t", "")).encode())
                .contains("{\"type\":\"TextRun\",\"text\":\"Ben\"}");
        assertThat(Card.of(new Message(Recipient.ANYBODY, "t", "")).encode())
                .doesNotContain("msteams", "\"text\":\"\"");
    }

    @Test
    void aBodyOfOneMegabyteIsCutToWhatTeamsTakes() {
        String card =
                Card.of(new Message(ANN, "t".repeat(10_000), "\u20ac".repeat(1_000_000))).encode();

        assertThat(card.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(28_000);
        assertThat(card).contains("(996000 characters cut)");
    }

    @Test
    void anAccountIsMentionedAndEverybodyElseReadsTheChannel() {
        TeamsChannel teams = at("https://example.org/workflow");
        assertThat(teams.reach(ANN)).isEqualTo(Reach.Account.ACCOUNT);
        assertThat(teams.reach(Recipient.ANYBODY)).isEqualTo(Reach.Room.ROOM);
        assertThat(teams.reach(new Recipient("A", null, null, "a\nb", null)))
                .isEqualTo(Reach.Room.ROOM);
    }

    @Test
    void whatTheWorkflowDoesNotTakeIsToldWithoutItsAddress() {
        HttpServer server = serve(400);
        assertThatThrownBy(() -> send(teams(server), new Message(ANN, "t", "b")))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isFalse())
                .hasMessage(
                        "Teams at 127.0.0.1:"
                                + server.actualPort()
                                + " answered 400: the workflow does not take the card or is gone; make a new one");
        HttpServer busy = serve(429);
        assertThatThrownBy(() -> send(teams(busy), new Message(ANN, "t", "b")))
                .isInstanceOfSatisfying(
                        SinkException.class,
                        e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(12)));
    }

    @Test
    void withoutAnAddressItSaysWhatToSet() {
        String fix = "set wal-monitor.channels.teams.url to the address of a workflow's webhook.";
        assertThat(at(null).fault()).contains("Teams has no address; " + fix);
        assertThat(at("example.org").fault())
                .contains("Teams' address is no http or https URL; " + fix);
        assertThat(at("https://example.org/workflow").fault()).isEmpty();
    }

    private HttpServer serve(int status) {
        return TestHttp.serve(
                vertx,
                request ->
                        request.bodyHandler(body -> {
                            received.add(new JsonObject(body));
                            request.response()
                                    .setStatusCode(status)
                                    .putHeader("retry-after", "12")
                                    .end();
                        }));
    }

    private TeamsChannel teams(HttpServer server) {
        return at("http://127.0.0.1:" + server.actualPort() + "/workflows/hushhush");
    }

    private TeamsChannel at(@Nullable String url) {
        Config config =
                new Config(Optional.ofNullable(url), Duration.ofSeconds(5), Optional.of("1/s"));
        return new TeamsChannel(TestHttp.onLoopback(vertx), config, Instant::now);
    }

    private static void send(TeamsChannel teams, Message message) {
        teams.send(message).await().atMost(Duration.ofSeconds(20));
    }
}
