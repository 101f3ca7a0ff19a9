package dev.walmonitor.handler.webhook;

import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of one webhook. Thread-safe. */
final class WebhookMeters {
    private static final String REQUESTS = "wal_monitor_webhook_requests";

    private final MeterRegistry registry;
    private final Tags tags;
    private final AtomicInteger disabled;

    WebhookMeters(MeterRegistry registry, Rule rule) {
        this.registry = registry;
        this.tags = Tags.of("source", rule.source(), "rule", rule.name());
        this.disabled = registry.gauge("wal_monitor_webhook_disabled", tags, new AtomicInteger());
    }

    /**
     * A request came to its end.
     *
     * @param answer the first digit of the status and {@code xx}, {@code none} if there was no
     *     answer, or {@code refused} if nothing was sent because of the address
     */
    void ended(String answer) {
        registry.counter(REQUESTS, tags.and("answer", answer)).increment();
    }

    /** The receiver wants nothing more. */
    void disabled() {
        disabled.set(1);
    }

    /** A change was not sent because of that. */
    void dropped() {
        registry.counter("wal_monitor_webhook_dropped", tags).increment();
    }
}
