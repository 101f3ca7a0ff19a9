package dev.walmonitor.monitor;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;
import java.util.Set;

/** The application with made-up sources, its own tables real. */
public final class MonitorProfile implements QuarkusTestProfile {

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakePipelines.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "wal-monitor.monitor.every",
                "50ms",
                "wal-monitor.monitor.sample-every",
                "50ms",
                "wal-monitor.metrics.interval",
                "1s",
                "wal-monitor.metrics.sum-up-every",
                "0", // tests do it themselves
                "wal-monitor.alerts.enabled",
                "false", // tests make rounds themselves
                "wal-monitor.archive.interval",
                "0"); // tests archive what is long past
    }
}
