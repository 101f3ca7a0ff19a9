package dev.walmonitor.monitor;

import dev.walmonitor.monitor.WalMetrics.Sample;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes down from time to time how every source stands, and forgets what is too old. Its state is
 * owned by one event loop, on which its timers run; one round of a kind is under way at most.
 */
@Singleton
class Chronicle {
    private static final Logger LOG = Logger.getLogger(Chronicle.class);

    private final Vertx vertx;
    private final Context loop;
    private final Pipelines pipelines;
    private final Schema schema;
    private final LagSamples lags;
    private final WalMetrics metrics;
    private final StatusHistory history;
    private final StaleMonitors monitors;
    private final SourceMeters meters;
    private final MetricsConfig config;
    private final MonitorConfig monitor;
    private final ChangeRates rates;
    private final boolean serves;
    private final InstantSource clock = InstantSource.system();
    private final List<Long> timers = new ArrayList<>();

    Chronicle(
            Vertx vertx,
            Pipelines pipelines,
            Schema schema,
            LagSamples lags,
            WalMetrics metrics,
            StatusHistory history,
            StaleMonitors monitors,
            SourceMeters meters,
            MetricsConfig config,
            MonitorConfig monitor,
            MeterRegistry registry,
            @ConfigProperty(name = "wal-monitor.command") Optional<String> command) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.pipelines = pipelines;
        this.schema = schema;
        this.lags = lags;
        this.metrics = metrics;
        this.history = history;
        this.monitors = monitors;
        this.meters = meters;
        this.config = config;
        this.monitor = monitor;
        this.rates = new ChangeRates(registry);
        this.serves = command.isEmpty();
    }

    void start(@Observes StartupEvent event) {
        if (serves) {
            loop.runOnContext(v -> {
                every(config.interval(), this::write);
                every(config.sumUpEvery(), this::tidyUp);
            });
        }
    }

    void stop(@Observes ShutdownEvent event) {
        loop.runOnContext(v -> timers.forEach(vertx::cancelTimer));
    }

    private void every(Duration period, Supplier<Uni<Void>> round) {
        if (period.isPositive()) {
            Round guarded = new Round(round);
            timers.add(vertx.setPeriodic(Math.max(1, period.toMillis()), id -> guarded.begin()));
        }
    }

    /** What is not begun again before it is over. */
    private final class Round {
        private final Supplier<Uni<Void>> work;
        private boolean running;

        private Round(Supplier<Uni<Void>> work) {
            this.work = work;
        }

        private void begin() {
            if (!running && schema.state() instanceof Schema.State.Ready) {
                running = true;
                work.get().subscribe().with(ok -> over(null), this::over);
            }
        }

        private void over(@Nullable Throwable failure) {
            if (failure != null) {
                LOG.debugf(failure, "The sources are not written down");
            }
            loop.runOnContext(v -> running = false);
        }
    }

    private Uni<Void> write() {
        Instant now = clock.instant();
        List<Sample> samples = new ArrayList<>();
        for (PipelineStatus status : pipelines.statuses()) {
            Sample sample = sample(status, now);
            if (sample != null) {
                samples.add(sample);
            }
        }
        return metrics.append(now, samples)
                .chain(() -> metrics.appendOthers(now, configured()))
                .chain(monitors::count)
                .invoke(meters::count)
                .replaceWithVoid();
    }

    /** Null if another instance writes it down, or nothing is known yet. */
    private @Nullable Sample sample(PipelineStatus status, Instant now) {
        String source = status.source().source();
        LogGauges gauges = lags.latest(source);
        Long lag = gauges == null ? null : gauges.lagBytes();
        Sighting sighting = Sighting.of(status, null, lag);
        if (sighting == null) {
            return null;
        }
        return new Sample(
                source,
                sighting.position() == null ? null : sighting.position().number(),
                lag,
                gauges == null ? null : gauges.retainedBytes(),
                rates.since(source, now));
    }

    private List<String> configured() {
        return pipelines.sources().stream().map(SourceProfile::name).toList();
    }

    private Uni<Void> tidyUp() {
        return metrics.sumUp()
                .chain(this::prune)
                .chain(() -> history.prune(config.keepStatuses()))
                .chain(this::removeStale)
                .replaceWithVoid();
    }

    /** Until there is nothing left that is too old. */
    private Uni<Void> prune() {
        return metrics.prune(clock.instant())
                .chain(most -> most < WalMetrics.AT_ONCE ? Uni.createFrom().voidItem() : prune());
    }

    private Uni<Void> removeStale() {
        Duration age = monitor.staleAfter();
        List<String> kept = monitor.staleConfigured() ? List.of() : configured();
        return age.isPositive()
                ? monitors.remove(age, kept)
                        .invoke(names ->
                                names.forEach(name ->
                                        LOG.infof(
                                                "Removed the monitor row of source %s, which nobody has checked for %s.",
                                                name, age)))
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
    }
}
