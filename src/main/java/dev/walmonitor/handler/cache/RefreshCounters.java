package dev.walmonitor.handler.cache;

import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** The refreshes of one rule, counted by what they were done for, and its writes. */
final class RefreshCounters implements RefreshMeter {
    private final Map<Reason, Counter> refreshed = new EnumMap<>(Reason.class);
    private final Counter failed;
    private final Counter taken;
    private final Counter refused;

    RefreshCounters(MeterRegistry registry, Rule rule) {
        for (Reason reason : Reason.values()) {
            refreshed.put(
                    reason,
                    counter("wal_monitor_cache_refresh", rule)
                            .description("Refreshes of cached keys, by what they were done for")
                            .tag("reason", reason.word())
                            .register(registry));
        }
        this.failed =
                counter("wal_monitor_cache_refresh_failed", rule)
                        .description("Refreshes of cached keys that failed and were tried again")
                        .register(registry);
        this.taken = writes(registry, rule, "written");
        this.refused = writes(registry, rule, "refused");
    }

    private static Counter writes(MeterRegistry registry, Rule rule, String outcome) {
        return counter("wal_monitor_cache_writes", rule)
                .description("Values given to Redis; refused are those that came after a later one")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Counter.Builder counter(String name, Rule rule) {
        return Counter.builder(name).tag("source", rule.source()).tag("rule", rule.name());
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

    @Override
    public void written(boolean wasTaken) {
        (wasTaken ? taken : refused).increment();
    }
}
