package dev.walmonitor.monitor;

import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.Results.Effect;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.StoredResults.Deed;
import dev.walmonitor.pipeline.HandledChange;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Keeps what handlers answer about changes that a rule archives, beside the work and after it: one
 * write is under way at most, and what comes meanwhile goes with the next. What cannot be written,
 * or is too much, is left out and counted: it explains, and nothing hangs on it. Thread-safe.
 */
@Singleton
class ResultKeeper {
    private static final Logger LOG = Logger.getLogger(ResultKeeper.class);
    private static final int MOST_WAITING = 20_000;
    private static final int AT_ONCE = 1_000;
    private static final Duration AT_THE_END = Duration.ofSeconds(2);

    private record Table(String source, TableName table) {}

    private final Pipelines pipelines;
    private final RuleBook rules;
    private final StoredResults results;
    private final Counter dropped;
    private final InstantSource clock = InstantSource.system();
    private final Map<Table, Boolean> archived = new ConcurrentHashMap<>();
    private final Set<String> archiving;

    /** Guards {@link #writing} and {@link #failing} too. */
    private final Queue<Deed> waiting = new ArrayDeque<>();

    private boolean writing;
    private boolean failing;

    ResultKeeper(
            Pipelines pipelines, RuleBook rules, StoredResults results, MeterRegistry registry) {
        this.pipelines = pipelines;
        this.rules = rules;
        this.results = results;
        this.archiving =
                rules.rules().stream()
                        .filter(rule -> rule.action().equals(RuleBook.ARCHIVE))
                        .map(Rule::name)
                        .collect(Collectors.toUnmodifiableSet());
        this.dropped =
                Counter.builder("wal_monitor_results_dropped")
                        .description("What rules answered and could not be kept")
                        .register(registry);
    }

    void start(@Observes StartupEvent event) {
        if (!archiving.isEmpty()) {
            var _ = pipelines.handled().subscribe().with(this::keep);
        }
    }

    /** After the sources were left, and before the database is. */
    void stop(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) ShutdownEvent event)
            throws InterruptedException {
        long until = System.nanoTime() + AT_THE_END.toNanos();
        while (isBusy() && System.nanoTime() < until) {
            Thread.sleep(5);
        }
    }

    private boolean isBusy() {
        synchronized (waiting) {
            return writing || !waiting.isEmpty();
        }
    }

    private void keep(HandledChange handled) {
        var change = handled.change();
        if (archiving.contains(handled.rule())
                || !isArchived(new Table(change.transaction().source(), change.table()))) {
            return;
        }
        Effect effect =
                new Effect(
                        handled.rule(),
                        handled.result(),
                        clock.instant(),
                        handled.sinceCommit(),
                        StoredResults.isReplayed(change));
        synchronized (waiting) {
            if (waiting.size() >= MOST_WAITING) {
                dropped.increment();
                return;
            }
            waiting.add(new Deed(change, effect));
        }
        next();
    }

    private boolean isArchived(Table table) {
        return archived.computeIfAbsent(
                table, asked -> rules.archives(asked.source(), asked.table()));
    }

    private void next() {
        List<Deed> group = new ArrayList<>();
        synchronized (waiting) {
            if (writing || waiting.isEmpty()) {
                return;
            }
            writing = true;
            while (!waiting.isEmpty() && group.size() < AT_ONCE) {
                group.add(waiting.remove());
            }
        }
        results.store(group).subscribe().with(ok -> written(), failure -> lost(group, failure));
    }

    private void written() {
        synchronized (waiting) {
            writing = false;
            failing = false;
        }
        next();
    }

    private void lost(List<Deed> group, Throwable failure) {
        dropped.increment(group.size());
        boolean first;
        synchronized (waiting) {
            writing = false;
            first = !failing;
            failing = true;
        }
        if (first) {
            LOG.warnf(
                    "What rules have answered cannot be kept (%s). Their work goes on.",
                    failure.getMessage());
        }
        next();
    }
}
