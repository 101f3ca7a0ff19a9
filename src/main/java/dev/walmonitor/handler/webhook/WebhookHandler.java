package dev.walmonitor.handler.webhook;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.handler.json.SafeName;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink;
import dev.walmonitor.sink.http.RetryAfter;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends each change to one receiver. Thread-safe.
 *
 * <p>2xx is done. What asks for patience (429, 503 with {@code Retry-After}) is waited for, by this
 * change and all others. 410 ends the rule until the next start: the receiver has said that it
 * wants nothing more, so what comes counts as done. Everything else is a failure, which is tried
 * again.
 */
final class WebhookHandler implements ChangeHandler {
    private static final Logger LOG = Logger.getLogger(WebhookHandler.class);
    private static final int GONE = 410;
    private static final int TOO_MANY = 429;
    private static final int UNAVAILABLE = 503;

    private final Rule rule;
    private final WebhookSpec spec;
    private final HttpSink.Place place;
    private final ChangeEnvelope envelope;
    private final InstantSource clock;
    private final WebhookMeters meters;
    private final AtomicReference<Instant> notBefore = new AtomicReference<>(Instant.EPOCH);
    private final AtomicBoolean gone = new AtomicBoolean();

    WebhookHandler(
            Rule rule,
            WebhookSpec spec,
            HttpSink.Place place,
            ChangeEnvelope envelope,
            InstantSource clock,
            WebhookMeters meters) {
        this.rule = rule;
        this.spec = spec;
        this.place = place;
        this.envelope = envelope;
        this.clock = clock;
        this.meters = meters;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom()
                .deferred(() -> {
                    Duration pause = Duration.between(clock.instant(), notBefore.get());
                    if (gone.get() || !pause.isPositive()) {
                        return send(change);
                    }
                    return Uni.createFrom()
                            .voidItem()
                            .onItem()
                            .delayIt()
                            .by(pause)
                            .chain(() -> handle(change));
                });
    }

    private Uni<HandlerResult> send(RowChange change) {
        return gone.get()
                ? Uni.createFrom().item(this::dropped)
                : envelope.render(change, ChangeEnvelope.marks(change))
                        .chain(body ->
                                place.post(headers(change, body), body)
                                        .onFailure()
                                        .invoke(this::count))
                        .invoke(this::count)
                        .map(this::judge);
    }

    private HandlerResult dropped() {
        meters.dropped();
        return HandlerResult.of("dropped").with("to", place.name()).with("why", "gone");
    }

    private Map<String, String> headers(RowChange change, String body) {
        String id = id(rule, change);
        long timestamp = clock.instant().getEpochSecond();
        Map<String, String> headers = new LinkedHashMap<>(spec.headers());
        headers.put("content-type", "application/json");
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", Long.toString(timestamp));
        headers.put("webhook-signature", spec.signer().sign(id, timestamp, body));
        TraceContext trace = change.transaction().trace();
        if (trace != null) {
            headers.put("traceparent", trace.traceparent());
            if (trace.tracestate() != null) {
                headers.put("tracestate", trace.tracestate());
            }
        }
        return headers;
    }

    /** The same for one change and rule, for ever, so that the receiver can know it again. */
    static String id(Rule rule, RowChange change) {
        return ChangeEnvelope.id(change) + ":" + SafeName.of(rule.name());
    }

    private void count(HttpSink.Answer answer) {
        meters.ended(answer.status() / 100 + "xx");
    }

    private void count(Throwable failure) {
        boolean refused = failure instanceof SinkException e && !e.isRetryable();
        meters.ended(refused ? "refused" : "none");
    }

    private HandlerResult judge(HttpSink.Answer answer) {
        int status = answer.status();
        if (status / 100 == 2) {
            return HandlerResult.of("sent").with("to", place.name()).with("status", status);
        }
        if (status == GONE) {
            end();
            return dropped();
        }
        if (status == TOO_MANY || status == UNAVAILABLE) {
            pause(RetryAfter.of(answer.retryAfter(), clock.instant()), status);
        }
        throw new SinkException(
                place.name()
                        + " answered "
                        + status
                        + (status / 100 == 3 ? ": it points elsewhere, which is not followed" : ""),
                true);
    }

    private void end() {
        if (gone.compareAndSet(false, true)) {
            meters.disabled();
            LOG.errorf(
                    "Rule %s is disabled until the next start: %s Its changes are not sent. Take the rule out, or"
                            + " correct its webhook.url.",
                    rule.name(), why());
        }
    }

    private String why() {
        return place.name() + " answered 410, it wants no more webhooks.";
    }

    @Override
    public @Nullable String disabled() {
        return gone.get() ? why() : null;
    }

    private void pause(Duration asked, int status) {
        if (!asked.isPositive()) {
            return;
        }
        Instant until = clock.instant().plus(asked);
        Instant before = notBefore.getAndUpdate(known -> known.isAfter(until) ? known : until);
        if (!before.isAfter(clock.instant())) {
            LOG.warnf(
                    "Rule %s waits for %d s: %s answered %d and asks for it.",
                    rule.name(), asked.toSeconds(), place.name(), status);
        }
    }
}
