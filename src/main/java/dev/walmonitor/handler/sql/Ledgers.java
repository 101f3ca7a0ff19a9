package dev.walmonitor.handler.sql;

import dev.walmonitor.handler.Horizon;
import dev.walmonitor.handler.Horizon.Place;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.sql.Statements;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The ledgers that are written to, and what is forgotten in them: entries of changes that cannot
 * come again, for sources that are followed here. Thread-safe.
 */
@Singleton
final class Ledgers {
    private static final Logger LOG = Logger.getLogger(Ledgers.class);

    private record Use(String source, String datasource) {}

    private final Map<Use, Statements> uses = new ConcurrentHashMap<>();
    private final Set<Use> failing = ConcurrentHashMap.newKeySet();
    private final Supplier<Horizon> horizon;
    private final Supplier<Progress> progress;
    private final Duration interval;
    private final int batch;
    private final Vertx vertx;
    private final MeterRegistry registry;

    @Inject
    Ledgers(
            Instance<Horizon> horizon,
            Instance<Progress> progress,
            SqlConfig config,
            Vertx vertx,
            MeterRegistry registry) {
        this(
                horizon::get,
                progress::get,
                config.pruneInterval(),
                config.pruneBatch(),
                vertx,
                registry);
    }

    /**
     * @param batch how many entries are forgotten in one transaction
     */
    Ledgers(
            Supplier<Horizon> horizon,
            Supplier<Progress> progress,
            Duration interval,
            int batch,
            Vertx vertx,
            MeterRegistry registry) {
        this.horizon = horizon;
        this.progress = progress;
        this.interval = interval;
        this.batch = Math.max(1, batch);
        this.vertx = vertx;
        this.registry = registry;
    }

    /** A rule of the source writes to the ledger from now on. */
    void used(String source, String datasource, Statements statements) {
        uses.putIfAbsent(new Use(source, datasource), statements);
    }

    void start(@Observes StartupEvent event) {
        if (interval.isPositive()) {
            again();
        }
    }

    private void again() {
        vertx.setTimer(
                interval.toMillis(),
                timer -> {
                    var _ = prune().subscribe().with(done -> again(), failure -> again());
                });
    }

    /** One after the other; what cannot be pruned now is pruned another time. */
    Uni<Void> prune() {
        return Multi.createFrom()
                .iterable(Map.copyOf(uses).entrySet())
                .filter(use -> progress.get().follows(use.getKey().source()))
                .onItem()
                .transformToUniAndConcatenate(use -> prune(use.getKey(), use.getValue()))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> prune(Use use, Statements statements) {
        return horizon.get()
                .of(use.source())
                .chain(place ->
                        place.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : forget(use, statements, place.get()))
                .invoke(() -> failing.remove(use))
                .onFailure()
                .invoke(failure -> failed(use, failure))
                .onFailure()
                .recoverWithNull();
    }

    /** Told once, until it succeeds. */
    private void failed(Use use, Throwable failure) {
        if (failing.add(use)) {
            LOG.warnf(
                    "What cannot come again of source %s is not forgotten in the ledger of datasource %s: %s."
                            + " It is tried again every %d s.",
                    use.source(), use.datasource(), failure.getMessage(), interval.toSeconds());
        }
    }

    private Uni<Void> forget(Use use, Statements statements, Place place) {
        return Multi.createBy()
                .repeating()
                .uni(() ->
                        statements.forget(
                                use.source(), place.epoch(), place.position().number(), batch))
                .whilst(forgotten -> forgotten == batch)
                .invoke(forgotten ->
                        registry.counter(
                                        "wal_monitor_ledger_pruned",
                                        "source",
                                        use.source(),
                                        "datasource",
                                        use.datasource())
                                .increment(forgotten))
                .collect()
                .last()
                .replaceWithVoid();
    }
}
