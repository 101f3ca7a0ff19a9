package dev.walmonitor.monitor.budget;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.AdminAudit;
import dev.walmonitor.monitor.AdminAudit.Deed;
import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourcesConfig;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The budgets of the slots of this process, one a source. Thread-safe. */
@Singleton
public class Budgets {
    private static final Logger LOG = Logger.getLogger(Budgets.class);

    /** What the audit says instead of an operator's name. */
    private static final String NOBODY = "wal-monitor";

    private static final int ACCEPTED = 202;

    private final Pipelines pipelines;
    private final LagSamples samples;
    private final Caches caches;
    private final RuleBook rules;
    private final AdminAudit audit;
    private final MeterRegistry registry;
    private final Map<String, SourceConfig> configs;
    private final Map<String, BudgetPlan> plans = new TreeMap<>();
    private final Map<String, BudgetWatch> watches = new ConcurrentHashMap<>();

    Budgets(
            Pipelines pipelines,
            LagSamples samples,
            Caches caches,
            RuleBook rules,
            AdminAudit audit,
            SourcesConfig sources,
            MeterRegistry registry,
            @ConfigProperty(name = "wal-monitor.alerts.retained-percent", defaultValue = "70")
                    int warnAt,
            @ConfigProperty(name = "wal-monitor.alerts.spill", defaultValue = "false")
                    boolean spills) {
        this.pipelines = pipelines;
        this.samples = samples;
        this.caches = caches;
        this.rules = rules;
        this.audit = audit;
        this.registry = registry;
        this.configs = new TreeMap<>(sources.sources());
        configs.forEach(
                (name, config) -> plans.put(name, BudgetPlan.of(config.budget(), warnAt, spills)));
    }

    /** What is wrong with them, a sentence each. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        configs.forEach((name, config) -> {
            BudgetPlan plan = plans.get(name);
            if (plan != null && config.url().isPresent()) {
                faults.addAll(plan.faults(name, config, rules.rules()));
            }
        });
        return faults;
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        for (SourceProfile source : pipelines.sources()) {
            BudgetPlan plan = plans.get(source.name());
            if (plan != null && source.slot() != null) {
                watch(source.name(), plan);
            }
        }
        samples.whenSampled(this::look);
    }

    private void watch(String source, BudgetPlan plan) {
        BudgetWatch watch =
                new BudgetWatch(
                        source,
                        plan,
                        pipelines,
                        caches,
                        why -> record(source, why),
                        InstantSource.system());
        watches.put(source, watch);
        Gauge.builder("wal_monitor_slot_budget_stage", () -> watch.standing().stage().number())
                .description(
                        "The stage of the slot's budget: 0 none, 1 warn, 2 spill, 3 invalidate, 4 give-up")
                .tag("source", source)
                .register(registry);
        Gauge.builder("wal_monitor_slot_budget_used_ratio", () -> used(watch.standing()))
                .description("The part of the slot's budget that is used; NaN without a budget")
                .tag("source", source)
                .register(registry);
    }

    private static double used(BudgetStanding standing) {
        return standing.limit() == null ? Double.NaN : standing.percent() / 100.0;
    }

    private void look(String source, @Nullable LogGauges gauges) {
        BudgetWatch watch = watches.get(source);
        if (watch != null) {
            watch.look(isFollowed(source), gauges);
        }
    }

    private boolean isFollowed(String source) {
        return pipelines.statuses().stream()
                .map(PipelineStatus::source)
                .filter(status -> status.source().equals(source))
                .anyMatch(status ->
                        status.state() != SourceState.STANDBY
                                && status.state() != SourceState.STOPPING);
    }

    /** How the budget of a source's slot stands; null if it has no slot, or is not configured. */
    public @Nullable BudgetStanding standing(String source) {
        BudgetWatch watch = watches.get(source);
        return watch == null ? null : watch.standing();
    }

    /** A slot was given up without anybody's doing; that is on record beside what operators do. */
    private void record(String source, String why) {
        Deed deed =
                new Deed(
                        NOBODY,
                        "service",
                        "-",
                        "GIVE-UP",
                        "/api/v1/replication/" + source,
                        null,
                        Map.of("source", source, "reason", why),
                        ACCEPTED);
        audit.record(deed)
                .subscribe()
                .with(
                        done -> {},
                        failure ->
                                LOG.errorf(
                                        "Not in admin_audit, as the monitor database does not take it: the slot of"
                                                + " source %s was given up. %s",
                                        source, failure.getMessage()));
    }
}
