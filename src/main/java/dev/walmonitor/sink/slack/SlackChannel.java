package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Rate;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink;
import dev.walmonitor.sink.http.JsonPost;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Slack: to a person's own account by a bot's token, to everybody else through an incoming webhook,
 * whose messages say whom they are for. Addresses and tokens are never shown. Thread-safe.
 */
final class SlackChannel implements Channel {
    private static final String SETTINGS = "wal-monitor.channels.slack.";

    private final HttpSink http;
    private final SlackConfig config;
    private final Optional<String> url;
    private final @Nullable JsonPost webhook;
    private final @Nullable SlackBot bot;

    SlackChannel(HttpSink http, SlackConfig config, InstantSource clock) {
        this.http = http;
        this.config = config;
        this.url = given(config.url());
        this.webhook =
                url.flatMap(JsonPost::url)
                        .map(at ->
                                new JsonPost(
                                        http,
                                        "Slack",
                                        "the webhook does not take the message or is gone; make a new one",
                                        at,
                                        config.timeout(),
                                        clock))
                        .orElse(null);
        this.bot =
                given(config.token())
                        .flatMap(token ->
                                SlackBot.method(config.api())
                                        .map(at ->
                                                new SlackBot(
                                                        http, token, at, config.timeout(), clock)))
                        .orElse(null);
    }

    private static Optional<String> given(Optional<String> setting) {
        return setting.map(String::strip).filter(text -> !text.isEmpty());
    }

    @Override
    public String name() {
        return "slack";
    }

    @Override
    public Optional<String> fault() {
        String fix =
                "set "
                        + SETTINGS
                        + "url to the address of an incoming webhook, or "
                        + SETTINGS
                        + "token to a bot's token.";
        if (url.isPresent() && webhook == null) {
            return Optional.of("Slack's address is no http or https URL; " + fix);
        }
        if (given(config.token()).isPresent() && bot == null) {
            return Optional.of(SETTINGS + "api is no http or https URL; leave it out.");
        }
        return webhook == null && bot == null
                ? Optional.of("Slack has neither an address nor a token; " + fix)
                : Rate.fault(SETTINGS + "rate", config.rate());
    }

    @Override
    public Uni<Optional<String>> refusal() {
        List<Uni<Optional<String>>> asked = new ArrayList<>();
        asked.add(Uni.createFrom().item(Optional.empty()));
        if (webhook != null) {
            asked.add(refusal("Slack's address", url.flatMap(JsonPost::url)));
        }
        if (bot != null) {
            asked.add(refusal(SETTINGS + "api", JsonPost.url(config.api())));
        }
        return Uni.join()
                .all(asked)
                .andFailFast()
                .map(all -> all.stream().flatMap(Optional::stream).findFirst());
    }

    private Uni<Optional<String>> refusal(String what, Optional<URI> at) {
        return at.map(http::refusal)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()))
                .map(refused -> refused.map(why -> what + " cannot be used: " + why));
    }

    @Override
    public Optional<Rate> rate() {
        return Rate.of(config.rate());
    }

    @Override
    public Reach reach(Recipient to) {
        if (SlackText.isMember(to.slack())) {
            return Reach.Account.ACCOUNT;
        }
        if (webhook != null) {
            return Reach.Room.ROOM;
        }
        return new Reach.Nowhere(
                to.slack() == null || to.slack().isBlank()
                        ? "no Slack account"
                        : "the Slack account is no member's id such as U024BE7LH");
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom().deferred(() -> post(message));
    }

    private Uni<Void> post(Message message) {
        String member = message.to().slack();
        if (bot != null && member != null && SlackText.isMember(member)) {
            return bot.tell(member, SlackText.of(message, false));
        }
        if (webhook != null) {
            JsonObject text = new JsonObject().put("text", SlackText.of(message, true));
            return webhook.post(Map.of(), text).replaceWithVoid();
        }
        String why = fault().orElse("Slack's bot writes to accounts, and here is none");
        return Uni.createFrom().failure(new SinkException(why, false));
    }

    @Override
    public String toString() {
        return name();
    }
}
