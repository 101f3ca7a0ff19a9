package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What is counted of notifications. Thread-safe. */
record NotifyMeters(MeterRegistry registry) {

    /**
     * A notification came to its end, or an attempt to tell it to one.
     *
     * @param channel empty if there was none
     */
    void ended(String source, String rule, String channel, Outcome outcome) {
        ended(source, rule, channel, outcome.name().toLowerCase(Locale.ROOT));
    }

    /** A change waits to be told with others. */
    void folded(String source, String rule, String channel) {
        ended(source, rule, channel, "folded");
    }

    private void ended(String source, String rule, String channel, String outcome) {
        registry.counter(
                        "wal_monitor_notifications",
                        "source",
                        source,
                        "rule",
                        rule,
                        "channel",
                        channel.isEmpty() ? "none" : channel,
                        "outcome",
                        outcome)
                .increment();
    }
}
