package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import io.vertx.mutiny.ext.web.codec.BodyCodec;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Slack through an incoming webhook: every message goes to the webhook's channel and says whom it
 * is for. The address is never shown, only its host. Thread-safe.
 */
final class SlackChannel implements Channel {
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);

    private final WebClient client;
    private final Optional<String> url;
    private final Duration timeout;
    private final InstantSource clock;
    private final AtomicReference<Instant> notBefore = new AtomicReference<>(Instant.MIN);

    SlackChannel(WebClient client, Optional<String> url, Duration timeout, InstantSource clock) {
        this.client = client;
        this.url = url.map(String::strip).filter(text -> !text.isEmpty());
        this.timeout = timeout;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "slack";
    }

    @Override
    public Optional<String> fault() {
        String fix = "set wal-monitor.channels.slack.url to the address of an incoming webhook.";
        return host().isPresent()
                ? Optional.empty()
                : Optional.of(
                        url.isEmpty()
                                ? "Slack has no address; " + fix
                                : "Slack's address is no http or https URL; " + fix);
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom().deferred(() -> post(message));
    }

    private Uni<Void> post(Message message) {
        Optional<String> fault = fault();
        if (fault.isPresent()) {
            return Uni.createFrom().failure(new SinkException(fault.get(), false));
        }
        String slack = "Slack at " + host().orElse("?");
        if (clock.instant().isBefore(notBefore.get())) {
            return Uni.createFrom()
                    .failure(
                            new SinkException(slack + " asked to be left alone for a while", true));
        }
        HttpRequest<Buffer> request = client.postAbs(url.orElseThrow());
        return request.as(BodyCodec.none())
                .timeout(timeout.toMillis())
                .followRedirects(false)
                .putHeader("content-type", "application/json; charset=utf-8")
                .sendBuffer(Buffer.buffer(payload(message).encode()))
                .ifNoItem()
                .after(timeout)
                .fail()
                .onFailure()
                .transform(failure -> unanswered(failure, slack))
                .invoke(response -> judge(response, slack))
                .replaceWithVoid();
    }

    private SinkException unanswered(Throwable failure, String slack) {
        boolean slow =
                failure instanceof TimeoutException
                        || failure instanceof java.util.concurrent.TimeoutException;
        return new SinkException(
                slack
                        + (slow
                                ? " did not answer within " + timeout.toMillis() + " ms"
                                : " cannot be reached"),
                true);
    }

    private static JsonObject payload(Message message) {
        return new JsonObject().put("text", SlackText.of(message));
    }

    private void judge(HttpResponse<?> response, String slack) {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return;
        }
        String answered = slack + " answered " + status;
        if (status == 429 || status == 503) {
            notBefore.set(clock.instant().plus(pause(response.getHeader("retry-after"))));
        }
        if (status == 429 || status / 100 == 5) {
            throw new SinkException(answered, true);
        }
        throw new SinkException(
                answered
                        + (status / 100 == 3
                                ? ": it points elsewhere, which is not followed"
                                : ": the webhook does not take the message or is gone; make a new"
                                        + " one"),
                false);
    }

    /** What Retry-After says in seconds; a date is not worth a parser: the default does. */
    private static Duration pause(@Nullable String retryAfter) {
        if (retryAfter == null || !retryAfter.matches("\\d{1,6}")) {
            return DEFAULT_PAUSE;
        }
        Duration asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        return asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
    }

    private Optional<String> host() {
        try {
            return url.map(URI::create)
                    .filter(uri ->
                            "https".equalsIgnoreCase(uri.getScheme())
                                    || "http".equalsIgnoreCase(uri.getScheme()))
                    .map(URI::getHost);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
