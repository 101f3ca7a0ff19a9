package dev.walmonitor.handler.cache;

import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** The refreshes of one rule, counted by what they were done for. */
final class RefreshCounters implements CacheHandler.Meter {
    private final Map<Reason, Counter> refreshed = new EnumMap<>(Reason.class);
    private final Counter failed;

    RefreshCounters(MeterRegistry registry, Rule rule) {
        for (Reason reason : Reason.values()) {
            refreshed.put(
                    reason,
                    Counter.builder("wal_monitor_cache_refresh")
                            .description("Refreshes of cached keys, by what they were done for")
                            .tag("source", rule.source())
                            .tag("rule", rule.name())
                            .tag("reason", reason.word())
                            .register(registry));
        }
        this.failed =
                Counter.builder("wal_monitor_cache_refresh_failed")
                        .description("Refreshes of cached keys that failed and were tried again")
                        .tag("source", rule.source())
                        .tag("rule", rule.name())
                        .register(registry);
    }

    @Override
    @SuppressWarnings("NullAway") // there is one for each reason
    public void refreshed(Reason reason) {
        refreshed.get(reason).increment();
    }

    @Override
    public void failed() {
        failed.increment();
    }
}
