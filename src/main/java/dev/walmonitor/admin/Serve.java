package dev.walmonitor.admin;

import dev.walmonitor.change.Relation;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.MonitorConfig;
import dev.walmonitor.monitor.MonitorDatabaseException;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.alert.Alerts;
import dev.walmonitor.monitor.budget.Budgets;
import dev.walmonitor.pipeline.ParkingStore;
import dev.walmonitor.pipeline.RunningPipelines;
import dev.walmonitor.pipeline.RunningPipelines.BoundRule;
import dev.walmonitor.pipeline.VertxLoop;
import dev.walmonitor.pipeline.WatermarkStore;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Backoff;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure.Retry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The service's life: our tables, then for each source its rules and its stream; at the end, what
 * was begun is finished.
 *
 * <p>What waiting can mend is waited for. What it cannot (a rule that cannot work, a URL that is
 * none) is said in one sentence each, all at once, and ends the process with exit code 1.
 */
@Singleton
class Serve {
    private static final Logger LOG = Logger.getLogger(Serve.class);
    private static final Duration SLOWLY = Duration.ofMinutes(1);
    private static final Duration PATIENCE_AT_END = Duration.ofSeconds(8);

    private final ConfiguredSources sources;
    private final Schema schema;
    private final RuleBook rules;
    private final RunningPipelines pipelines;
    private final WatermarkStore watermarks;
    private final ParkingStore parking;
    private final MonitorConfig monitor;
    private final Alerts alerts;
    private final Budgets budgets;
    private final VertxInternal vertx;

    /** False if the process was called for something else. */
    private final boolean serves;

    Serve(
            ConfiguredSources sources,
            Schema schema,
            RuleBook rules,
            RunningPipelines pipelines,
            WatermarkStore watermarks,
            ParkingStore parking,
            MonitorConfig monitor,
            Alerts alerts,
            Budgets budgets,
            io.vertx.core.Vertx vertx,
            @ConfigProperty(name = "wal-monitor.command") Optional<String> command) {
        this.sources = sources;
        this.schema = schema;
        this.rules = rules;
        this.pipelines = pipelines;
        this.watermarks = watermarks;
        this.parking = parking;
        this.monitor = monitor;
        this.alerts = alerts;
        this.budgets = budgets;
        this.vertx = (VertxInternal) vertx;
        this.serves = command.isEmpty();
    }

    void announce(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event) {
        if (serves) {
            pipelines.configured(sources.profiles());
        }
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER + 100) StartupEvent event) {
        if (!serves) {
            return;
        }
        List<String> faults = new ArrayList<>(sources.faults());
        faults.addAll(alerts.faults());
        faults.addAll(budgets.faults());
        if (!faults.isEmpty()) {
            giveUp(faults);
            return;
        }
        schema.migrate()
                .subscribe()
                .with(ok -> sources.names().forEach(this::open), this::noSchema);
    }

    private void noSchema(Throwable failure) {
        giveUp(
                List.of(
                        failure instanceof MonitorDatabaseException known
                                ? known.getMessage()
                                : "The tables of WAL Monitor cannot be made: " + failure));
    }

    private void open(String name) {
        ContextInternal context = vertx.createEventLoopContext();
        ChangeSource source;
        try {
            source = sources.create(name, context);
        } catch (IllegalArgumentException e) {
            giveUp(List.of("Source " + name + ": " + e.getMessage()));
            return;
        }
        pipelines.open(
                source,
                new VertxLoop(context.nettyEventLoop()),
                sources.options(name, monitor.idleAfter()),
                watermarks,
                parking);
        catalogue(source, 1);
    }

    /** Asks for the tables until they are told, as no rule can be checked before. */
    private void catalogue(ChangeSource source, int attempt) {
        source.relations()
                .subscribe()
                .with(
                        tables -> check(source, tables),
                        failure -> {
                            Duration wait =
                                    failure instanceof SourceException known
                                                    && known.failure().retry() != Retry.SOON
                                            ? SLOWLY
                                            : new Backoff(
                                                            Duration.ofMillis(500),
                                                            Duration.ofSeconds(15),
                                                            RandomGenerator.getDefault())
                                                    .after(attempt);
                            vertx.setTimer(
                                    Math.max(1, wait.toMillis()),
                                    timer -> catalogue(source, attempt + 1));
                        });
    }

    private void check(ChangeSource source, List<Relation> tables) {
        List<String> columns = sources.columnFaults(source.name(), tables);
        if (!columns.isEmpty()) {
            giveUp(columns);
            return;
        }
        rules.check(source.name(), sources.visible(source.name(), tables))
                .subscribe()
                .with(
                        faults -> {
                            if (faults.isEmpty()) {
                                beginApart(source);
                            } else {
                                giveUp(faults.stream().map(Fault::message).toList());
                            }
                        },
                        failure -> giveUp(List.of("The rules cannot be checked: " + failure)));
    }

    /** Thousands of rules take a while to be made ready, and no event loop may wait for that. */
    private void beginApart(ChangeSource source) {
        Uni.createFrom()
                .voidItem()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(() -> begin(source))
                .subscribe()
                .with(
                        ok -> {},
                        failure -> giveUp(List.of("The rules cannot be made ready: " + failure)));
    }

    private void begin(ChangeSource source) {
        List<BoundRule> bound = new ArrayList<>();
        for (Rule rule : rules.rules(source.name())) {
            bound.add(new BoundRule(rule, rules.handler(rule)));
        }
        if (bound.isEmpty()) {
            LOG.infof(
                    "Source %s: there are no rules yet, so nothing will be done about its changes.",
                    source.name());
        }
        pipelines.begin(source.name(), bound);
    }

    private static void giveUp(List<String> sentences) {
        sentences.forEach(LOG::error);
        LOG.errorf(
                "WAL Monitor cannot start: %d fault%s above.",
                sentences.size(), sentences.size() == 1 ? "" : "s");
        Quarkus.asyncExit(1);
    }

    void stop(@Observes ShutdownEvent event) {
        Uni<Void> drained = pipelines.drain(PATIENCE_AT_END);
        drained.ifNoItem()
                .after(PATIENCE_AT_END)
                .fail()
                .onFailure()
                .recoverWithNull()
                .await()
                .atMost(PATIENCE_AT_END.plusSeconds(1));
    }
}
