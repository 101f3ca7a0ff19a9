package dev.walmonitor.monitor.alert;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.budget.Budgets;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.source.SourceProfile;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Makes the rounds of this process, from time to time, and shows what is active. Thread-safe. */
@Singleton
public class Alerts {
    private static final Logger LOG = Logger.getLogger(Alerts.class);
    private static final int ROUNDS_A_PRUNING = 100;

    private final Vertx vertx;
    private final Schema schema;
    private final Pipelines pipelines;
    private final AlertTable table;
    private final AlertsConfig config;
    private final Crier crier;
    private final Rounds rounds;
    private final MultiGauge gauge;
    private final boolean serves;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long timer = -1;
    private long count;

    Alerts(
            Vertx vertx,
            Schema schema,
            Pipelines pipelines,
            LagSamples lags,
            Budgets budgets,
            Caches caches,
            AlertTable table,
            AlertsConfig config,
            @All List<Channel> channels,
            MeterRegistry registry,
            @ConfigProperty(name = "wal-monitor.command") Optional<String> command) {
        this.vertx = vertx;
        this.schema = schema;
        this.pipelines = pipelines;
        this.table = table;
        this.config = config;
        this.crier = new Crier(channels, config);
        this.rounds =
                new Rounds(
                        pipelines,
                        lags,
                        budgets::standing,
                        caches,
                        table,
                        crier,
                        this::show,
                        InstantSource.system(),
                        config);
        this.gauge =
                MultiGauge.builder("wal_monitor_alerts")
                        .description(
                                "Alerts that are raised and not over, whichever instance raised them")
                        .register(registry);
        this.serves = command.isEmpty();
    }

    /** What is wrong with the configuration of alerts, a sentence each. */
    public List<String> faults() {
        if (!config.enabled()) {
            return List.of();
        }
        List<String> faults = new ArrayList<>(crier.faults());
        List<String> words = new ArrayList<>();
        for (AlertKind kind : AlertKind.values()) {
            words.add(kind.word());
        }
        for (String off : config.off().orElse(Set.of())) {
            if (!words.contains(off)) {
                faults.add(
                        "wal-monitor.alerts.off: there is no kind \""
                                + off
                                + "\"; there are "
                                + String.join(", ", words)
                                + ".");
            }
        }
        return faults;
    }

    void start(@Observes StartupEvent event) {
        if (serves && config.enabled()) {
            show(Set.of());
            timer = vertx.setPeriodic(Math.max(1, config.every().toMillis()), id -> begin());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    private void begin() {
        if (schema.state() instanceof Schema.State.Ready && underWay.compareAndSet(false, true)) {
            boolean pruning = count++ % ROUNDS_A_PRUNING == 0;
            rounds.round()
                    .chain(() -> pruning ? table.prune(config.keep()) : Uni.createFrom().item(0))
                    .onTermination()
                    .invoke(() -> underWay.set(false))
                    .subscribe()
                    .with(
                            pruned -> {},
                            failure -> LOG.debugf(failure, "It cannot be looked for alerts"));
        }
    }

    private void show(Set<AlertKey> active) {
        record Labels(String source, AlertKind kind) {}
        Map<Labels, Integer> counts = new HashMap<>();
        for (SourceProfile source : pipelines.sources()) {
            for (AlertKind kind : AlertKind.values()) {
                counts.put(new Labels(source.name(), kind), 0);
            }
        }
        active.forEach(key -> counts.merge(new Labels(key.source(), key.kind()), 1, Integer::sum));
        List<Row<?>> rows = new ArrayList<>();
        counts.forEach((labels, number) ->
                rows.add(
                        Row.of(
                                Tags.of("source", labels.source(), "kind", labels.kind().word()),
                                number)));
        gauge.register(rows, true);
    }
}
