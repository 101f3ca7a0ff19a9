package dev.walmonitor.sink.teams;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Rate;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink;
import dev.walmonitor.sink.http.JsonPost;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Microsoft Teams through a workflow's webhook: each message is a card, which mentions whoever has
 * an account. The address is never shown. Thread-safe.
 */
final class TeamsChannel implements Channel {
    private static final String SETTINGS = "wal-monitor.channels.teams.";

    private final HttpSink http;
    private final TeamsConfig config;
    private final Optional<URI> url;
    private final Optional<JsonPost> webhook;

    TeamsChannel(HttpSink http, TeamsConfig config, InstantSource clock) {
        this.http = http;
        this.config = config;
        this.url = config.url().map(String::strip).flatMap(JsonPost::url);
        this.webhook =
                url.map(at ->
                        new JsonPost(
                                http,
                                "Teams",
                                "the workflow does not take the card or is gone; make a new one",
                                at,
                                config.timeout(),
                                clock));
    }

    @Override
    public String name() {
        return "teams";
    }

    @Override
    public Optional<String> fault() {
        if (url.isPresent()) {
            return Rate.fault(SETTINGS + "rate", config.rate());
        }
        boolean said = config.url().filter(text -> !text.isBlank()).isPresent();
        return Optional.of(
                (said
                                ? "Teams' address is no http or https URL; set "
                                : "Teams has no address; set ")
                        + SETTINGS
                        + "url to the address of a workflow's webhook.");
    }

    @Override
    public Uni<Optional<String>> refusal() {
        return url.map(http::refusal)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()))
                .map(refused -> refused.map(why -> "Teams' address cannot be used: " + why));
    }

    @Override
    public Optional<Rate> rate() {
        return Rate.of(config.rate());
    }

    @Override
    public Reach reach(Recipient to) {
        return Card.isAccount(to.teams()) ? Reach.Account.ACCOUNT : Reach.Room.ROOM;
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom()
                .deferred(() ->
                        webhook.map(place ->
                                        place.post(Map.of(), Card.of(message)).replaceWithVoid())
                                .orElseGet(() ->
                                        Uni.createFrom()
                                                .failure(
                                                        new SinkException(
                                                                fault().orElse("Teams"), false))));
    }
}
