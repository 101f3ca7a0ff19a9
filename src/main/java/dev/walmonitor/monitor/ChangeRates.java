package dev.walmonitor.monitor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many changes of a source come a second, by the counters. Owned by {@link Chronicle}. */
final class ChangeRates {
    private record Reading(double changes, Instant at) {}

    private final MeterRegistry registry;
    private final Map<String, Reading> last = new HashMap<>();

    ChangeRates(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Since it was last asked; null the first time. */
    @Nullable Double since(String source, Instant now) {
        double changes =
                registry.find("wal_monitor_changes").tag("source", source).counters().stream()
                        .mapToDouble(Counter::count)
                        .sum();
        Reading before = last.put(source, new Reading(changes, now));
        if (before == null || !now.isAfter(before.at())) {
            return null;
        }
        double seconds = Duration.between(before.at(), now).toMillis() / 1000.0;
        return Math.max(0, changes - before.changes()) / seconds;
    }
}
