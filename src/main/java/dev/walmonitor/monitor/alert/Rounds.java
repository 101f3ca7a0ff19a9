package dev.walmonitor.monitor.alert;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.alert.AlertTable.Alert;
import dev.walmonitor.monitor.budget.BudgetStanding;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourceState;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every source that this instance follows, and at all monitor rows; puts on record what
 * began and what is over, and tells what nobody was told. One round at a time.
 */
final class Rounds {
    private final Pipelines pipelines;
    private final LagSamples lags;
    private final Function<String, @Nullable BudgetStanding> budgets;
    private final Caches caches;
    private final AlertTable table;
    private final Crier crier;
    private final Consumer<Set<AlertKey>> seen;
    private final InstantSource clock;
    private final AlertsConfig config;
    private final Observer observer;
    private final Judge judge;

    /**
     * @param budgets how the budget of a source's slot stands; null if it has none
     * @param seen is told of what is active, once a round
     */
    Rounds(
            Pipelines pipelines,
            LagSamples lags,
            Function<String, @Nullable BudgetStanding> budgets,
            Caches caches,
            AlertTable table,
            Crier crier,
            Consumer<Set<AlertKey>> seen,
            InstantSource clock,
            AlertsConfig config) {
        this.pipelines = pipelines;
        this.lags = lags;
        this.budgets = budgets;
        this.caches = caches;
        this.table = table;
        this.crier = crier;
        this.seen = seen;
        this.clock = clock;
        this.config = config;
        this.observer = new Observer(config);
        this.judge = new Judge(config.hold());
    }

    /** Fails if the monitor database cannot be asked. */
    Uni<Void> round() {
        return table.errors()
                .chain(errors -> table.active().chain(active -> record(errors, active)))
                .chain(this::tellAll);
    }

    private Uni<Void> record(List<AlertTable.ErrorRow> errors, Set<AlertKey> active) {
        Set<String> followed = new HashSet<>();
        Judge.Sentence sentence;
        synchronized (this) {
            Instant now = clock.instant();
            List<Finding> findings = new ArrayList<>(look(followed, now));
            Set<String> configured = new HashSet<>(slots().keySet());
            errors.forEach(error ->
                    findings.add(
                            Observer.error(
                                    error.source(),
                                    error.message(),
                                    configured.contains(error.source()))));
            findings.removeIf(finding -> isOff(finding.key().kind()));
            sentence =
                    judge.judge(
                            findings,
                            active,
                            key ->
                                    key.kind() == AlertKind.MONITOR_ERROR
                                            || isOff(key.kind())
                                            || followed.contains(key.source()),
                            now);
        }
        Set<AlertKey> after = new HashSet<>(active);
        after.addAll(sentence.raised().keySet());
        sentence.cleared().forEach(after::remove);
        return Multi.createFrom()
                .iterable(sentence.raised().entrySet())
                .onItem()
                .transformToUniAndConcatenate(each -> table.raise(each.getKey(), each.getValue()))
                .onItem()
                .ignoreAsUni()
                .chain(() ->
                        Multi.createFrom()
                                .iterable(sentence.cleared())
                                .onItem()
                                .transformToUniAndConcatenate(table::clear)
                                .onItem()
                                .ignoreAsUni())
                .invoke(() -> seen.accept(after));
    }

    private List<Finding> look(Set<String> followed, Instant now) {
        Map<String, @Nullable String> slots = slots();
        List<Finding> findings = new ArrayList<>();
        for (PipelineStatus status : pipelines.statuses()) {
            String source = status.source().source();
            if (status.source().state() != SourceState.STANDBY) {
                followed.add(source);
                findings.addAll(
                        observer.look(
                                status,
                                slots.get(source),
                                lags.latest(source),
                                budgets.apply(source),
                                pipelines.rules(),
                                caches.all(),
                                now));
            }
        }
        return findings;
    }

    private Map<String, @Nullable String> slots() {
        Map<String, @Nullable String> slots = new HashMap<>();
        for (SourceProfile source : pipelines.sources()) {
            slots.put(source.name(), source.slot());
        }
        return slots;
    }

    private boolean isOff(AlertKind kind) {
        return config.off().map(off -> off.contains(kind.word())).orElse(false);
    }

    private Uni<Void> tellAll() {
        return table.claim()
                .chain(alerts ->
                        Multi.createFrom()
                                .iterable(alerts)
                                .onItem()
                                .transformToUniAndConcatenate(this::tell)
                                .onItem()
                                .ignoreAsUni());
    }

    private Uni<Void> tell(Alert alert) {
        boolean over = alert.clearedAt() != null;
        if (alert.raiseToldAt() != null) {
            return crier.cleared(alert)
                    .chain(whole -> whole ? table.toldCleared(alert.id()) : none());
        }
        if (over) {
            return crier.knows(alert) ? table.toldRaised(alert.id()) : table.passed(alert.id());
        }
        return crier.raised(alert).chain(whole -> whole ? table.toldRaised(alert.id()) : none());
    }

    private static Uni<Void> none() {
        return Uni.createFrom().voidItem();
    }
}
