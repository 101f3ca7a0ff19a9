package dev.walmonitor.monitor;

import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceProfile;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps the monitor row of every source, and samples how far each is behind. Its state is owned by
 * one event loop, on which its timers run.
 */
@Singleton
public class Monitors {
    private final Vertx vertx;
    private final Context loop;
    private final Pipelines pipelines;
    private final Schema schema;
    private final MonitorWriter writer;
    private final SourceMeters meters;
    private final LagSamples samples;
    private final MonitorConfig config;

    private final Map<String, SourceWatch> watches = new TreeMap<>();
    private final List<Runnable> ends = new ArrayList<>();

    Monitors(
            Vertx vertx,
            Pipelines pipelines,
            Schema schema,
            MonitorWriter writer,
            SourceMeters meters,
            LagSamples samples,
            MonitorConfig config) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.pipelines = pipelines;
        this.schema = schema;
        this.writer = writer;
        this.meters = meters;
        this.samples = samples;
        this.config = config;
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        loop.runOnContext(v -> begin());
    }

    void stop(@Observes ShutdownEvent event) {
        loop.runOnContext(v -> ends.forEach(Runnable::run));
    }

    private void begin() {
        for (SourceProfile source : pipelines.sources()) {
            meters.show(source.name());
            watches.put(source.name(), watch(source));
        }
        every(config.every(), () -> pipelines.statuses().forEach(this::look));
        every(config.sampleEvery(), () -> pipelines.statuses().forEach(this::sample));
        Cancellable changes =
                pipelines
                        .changes()
                        .subscribe()
                        .with(status -> loop.runOnContext(v -> look(status)));
        ends.add(changes::cancel);
    }

    private SourceWatch watch(SourceProfile source) {
        Pace.Limits pace = Pace.Limits.of(config.every());
        return new SourceWatch(
                source,
                () -> samples.latest(source.name()),
                writer,
                task -> loop.runOnContext(v -> task.run()),
                InstantSource.system(),
                pace);
    }

    private void every(Duration period, Runnable task) {
        long timer = vertx.setPeriodic(period.toMillis(), id -> task.run());
        ends.add(() -> vertx.cancelTimer(timer));
    }

    private void look(PipelineStatus status) {
        SourceWatch watch = watches.get(status.source().source());
        if (watch != null && schema.state() instanceof Schema.State.Ready) {
            watch.look(status);
        }
    }

    private void sample(PipelineStatus status) {
        String source = status.source().source();
        pipelines
                .gauges(source)
                .ifNoItem()
                .after(config.sampleEvery())
                .fail()
                .subscribe()
                .with(gauges -> samples.sampled(source, gauges), failure -> samples.failed(source));
    }
}
