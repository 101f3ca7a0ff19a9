package dev.walmonitor.sink.http;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * JSON to one address, and what its answers mean. The address is a secret: only host and port are
 * ever shown. Thread-safe.
 */
public final class JsonPost {
    /** Who asks to be left alone, and does not say for how long, is left alone for so long. */
    private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);

    private final HttpSink.Place place;
    private final String name;
    private final String gone;
    private final InstantSource clock;

    /**
     * @param whose for messages, such as {@code Slack}
     * @param gone what an answer such as 404 means, and what mends it
     * @param url one that {@link #url} has read
     */
    public JsonPost(
            HttpSink http,
            String whose,
            String gone,
            URI url,
            Duration timeout,
            InstantSource clock) {
        this.place = http.place(url, timeout);
        this.name = whose + " at " + place.name();
        this.gone = gone;
        this.clock = clock;
    }

    /** The address, if it is one; what else may be wrong with it, {@link HttpSink} knows. */
    public static Optional<URI> url(String text) {
        try {
            URI url = URI.create(text);
            boolean web =
                    "https".equalsIgnoreCase(url.getScheme())
                            || "http".equalsIgnoreCase(url.getScheme());
            return web && url.getHost() != null ? Optional.of(url) : Optional.empty();
        } catch (IllegalArgumentException e) { // its message quotes the address
            return Optional.empty();
        }
    }

    /** Whose, host and port. */
    public String name() {
        return name;
    }

    /**
     * Completes with an answer of 2xx; fails with {@link SinkException} for every other one, and if
     * there is none.
     *
     * @param headers beside the content's type; none is ever shown
     */
    public Uni<HttpSink.Answer> post(Map<String, String> headers, JsonObject body) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("content-type", "application/json; charset=utf-8");
        return place.post(all, body.encode())
                .onFailure(SinkException.class)
                .transform(this::named)
                .invoke(this::judge);
    }

    private SinkException named(SinkException failure) {
        String said = String.valueOf(failure.getMessage());
        String sentence = said.startsWith(place.name()) ? name + tail(said) : name + ": " + said;
        return new SinkException(sentence, failure.isRetryable());
    }

    private String tail(String sentence) {
        return sentence.substring(place.name().length());
    }

    private void judge(HttpSink.Answer answer) {
        int status = answer.status();
        if (status / 100 == 2) {
            return;
        }
        String answered = name + " answered " + status;
        if (status == 429 || status == 503) {
            throw new SinkException(answered, pause(answer));
        }
        if (status == 408 || status / 100 == 5) {
            throw new SinkException(answered, true);
        }
        throw new SinkException(
                answered
                        + ": "
                        + (status / 100 == 3 ? "it points elsewhere, which is not followed" : gone),
                false);
    }

    /** How long an answer asks for patience. */
    public Duration pause(HttpSink.Answer answer) {
        Duration asked = RetryAfter.of(answer.retryAfter(), clock.instant());
        return asked.isPositive() ? asked : DEFAULT_PAUSE;
    }
}
