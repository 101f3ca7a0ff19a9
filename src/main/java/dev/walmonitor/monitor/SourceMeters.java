package dev.walmonitor.monitor;

import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What is measured of a source as a whole. A figure that the database could not be asked for is
 * NaN, not zero.
 */
@Singleton
public class SourceMeters {

    /** How a write of a monitor row ended. */
    enum Outcome {
        DONE,
        FAILED
    }

    private final MeterRegistry registry;
    private final Pipelines pipelines;
    private final LagSamples samples;
    private final Map<String, MonitorStatus> said = new ConcurrentHashMap<>();
    private volatile Map<MonitorStatus, Long> counts = Map.of();

    SourceMeters(MeterRegistry registry, Pipelines pipelines, LagSamples samples) {
        this.registry = registry;
        this.pipelines = pipelines;
        this.samples = samples;
        for (MonitorStatus status : MonitorStatus.values()) {
            Gauge.builder("wal_monitor_sources", () -> counts.getOrDefault(status, 0L))
                    .description("Monitor rows of all sources, by their status")
                    .tag("status", status.name())
                    .register(registry);
        }
    }

    /** Shows the source from now on. */
    void show(String source) {
        gauge(
                "wal_monitor_replication_lag_bytes",
                "Log that was written and not yet confirmed",
                source,
                LogGauges::lagBytes);
        gauge(
                "wal_monitor_slot_retained_bytes",
                "Log that the database keeps on disk for us",
                source,
                LogGauges::retainedBytes);
        gauge(
                "wal_monitor_slot_safe_bytes",
                "Log that can still be written before the slot is in danger of being lost; NaN without a limit",
                source,
                gauges -> gauges.safeBytes() == null ? Double.NaN : gauges.safeBytes());
        gauge(
                "wal_monitor_slot_catalog_xmin_age",
                "How many transactions old the oldest is that the slot keeps the catalogue for",
                source,
                LogGauges::catalogAge);
        for (SourceState state : SourceState.values()) {
            Gauge.builder("wal_monitor_source_state", () -> is(source, state) ? 1 : 0)
                    .description("1 for the state that the source is in")
                    .tag("source", source)
                    .tag("state", state.name())
                    .register(registry);
        }
        for (Outcome outcome : Outcome.values()) {
            upserts(source, outcome).increment(0);
        }
        errors(source).increment(0);
    }

    void upserted(String source, Outcome outcome) {
        upserts(source, outcome).increment();
    }

    /** A row says so now, whoever wrote it. */
    void wrote(String source, MonitorStatus status) {
        upserted(source, Outcome.DONE);
        says(source, status);
    }

    /** Counts a row that turns to ERROR, once until it says something else. */
    void says(String source, MonitorStatus status) {
        MonitorStatus before = said.put(source, status);
        errors(source).increment(status == MonitorStatus.ERROR && before != status ? 1 : 0);
    }

    /** The source is gone. */
    void forget(String source) {
        said.remove(source);
        for (Outcome outcome : Outcome.values()) {
            registry.remove(upserts(source, outcome));
        }
        registry.remove(errors(source));
    }

    /** How many rows there are by status; all are zero before it was first counted. */
    void count(Map<MonitorStatus, Long> rows) {
        counts = Map.copyOf(rows);
    }

    private Counter errors(String source) {
        return Counter.builder("wal_monitor_errors")
                .description("How often the monitor row of a source turned to ERROR")
                .tag("source", source)
                .register(registry);
    }

    private void gauge(
            String name, String description, String source, ToDoubleFunction<LogGauges> figure) {
        Gauge.builder(
                        name,
                        () -> {
                            LogGauges sample = samples.latest(source);
                            return sample == null ? Double.NaN : figure.applyAsDouble(sample);
                        })
                .description(description)
                .tag("source", source)
                .register(registry);
    }

    private Counter upserts(String source, Outcome outcome) {
        return Counter.builder("wal_monitor_upserts")
                .description("Writes of a monitor row, by how they ended")
                .tag("source", source)
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** A source that is not started yet is on its way. */
    private boolean is(String source, SourceState state) {
        return pipelines.statuses().stream()
                        .map(PipelineStatus::source)
                        .filter(status -> status.source().equals(source))
                        .findFirst()
                        .map(SourceStatus::state)
                        .orElse(SourceState.CONNECTING)
                == state;
    }
}
