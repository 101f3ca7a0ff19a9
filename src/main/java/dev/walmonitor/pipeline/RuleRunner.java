package dev.walmonitor.pipeline;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Backoff;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One rule at work on the changes of one source: its lanes, its handler, its retries. Owned by the
 * pipeline's loop.
 *
 * <p>A change that fails keeps its lanes and is tried again after a growing delay, without end:
 * nothing is skipped.
 */
final class RuleRunner {
    private static final Logger LOG = Logger.getLogger(RuleRunner.class);

    /** What becomes of the work of all rules. */
    interface Listener {
        void done(RuleRunner runner, Task task, HandlerResult result, long sinceCommitNanos);
    }

    private final Rule rule;
    private final ChangeHandler handler;
    private final Lanes lanes;
    private final Loop loop;
    private final InstantSource clock;
    private final Backoff backoff;
    private final RuleMeters meters;
    private final Listener listener;
    private boolean barrierNext;

    RuleRunner(
            Rule rule,
            ChangeHandler handler,
            int laneCount,
            Loop loop,
            InstantSource clock,
            RuleMeters meters,
            Listener listener) {
        this.rule = rule;
        this.handler = handler;
        this.lanes = new Lanes(laneCount, this::run);
        this.loop = loop;
        this.clock = clock;
        this.backoff =
                new Backoff(
                        rule.retry().backoff(),
                        rule.retry().maxBackoff(),
                        RandomGenerator.getDefault());
        this.meters = meters;
        this.listener = listener;
    }

    Rule rule() {
        return rule;
    }

    ChangeHandler handler() {
        return handler;
    }

    /**
     * The shape of one of the rule's tables changed: the next change waits for all before it, and
     * holds up all after it.
     */
    void barrierNext() {
        barrierNext = true;
    }

    /**
     * Takes a change; returns the task that was made of it, which counts as open in the unit until
     * it is done.
     */
    Task accept(RowChange change, Watermark.Unit unit, int weight) {
        unit.open();
        Task task = new Task(change, unit, weight, lanesOf(change));
        barrierNext = false;
        return task;
    }

    void submit(Task task) {
        lanes.submit(task);
    }

    private long lanesOf(RowChange change) {
        Relation relation = change.relation();
        if (barrierNext || relation.key().isEmpty()) {
            return lanes.all();
        }
        long keyed = lane(relation, change.before()) | lane(relation, change.after());
        return keyed == 0 ? lanes.all() : keyed;
    }

    /**
     * A key that is itself a large unchanged value is not sent in the new row; the old one then has
     * it.
     */
    private long lane(Relation relation, @Nullable Row row) {
        return row == null || !row.has(relation.key())
                ? 0
                : lanes.lane(31 * relation.oid() + row.hash(relation.key()));
    }

    private void run(Task task) {
        try {
            handle(task)
                    .subscribe()
                    .with(
                            result -> loop.execute(() -> done(task, result)),
                            failure -> loop.execute(() -> failed(task, failure)));
        } catch (RuntimeException e) {
            failed(task, e);
        }
    }

    private Uni<HandlerResult> handle(Task task) {
        return rule.accepts(task.change)
                ? handler.handle(task.change)
                : Uni.createFrom().item(HandlerResult.NONE);
    }

    private void done(Task task, HandlerResult result) {
        long sinceCommit = nanosSince(task.change.transaction().time());
        meters.done(sinceCommit);
        listener.done(this, task, result, sinceCommit);
        lanes.finished(task);
    }

    private void failed(Task task, Throwable failure) {
        task.failures++;
        meters.failed();
        Duration delay = backoff.after(task.failures);
        LOG.warnf(
                "Rule %s failed for change %s of %s, attempt %d: %s. It is tried again in %d ms; changes of the same row wait.",
                rule.name(),
                task.change.id(),
                task.change.table(),
                task.failures,
                describe(failure),
                delay.toMillis());
        LOG.debugf(failure, "Rule %s failed", rule.name());
        loop.schedule(delay, () -> run(task));
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    private long nanosSince(Instant commit) {
        Instant now = clock.instant();
        return (now.getEpochSecond() - commit.getEpochSecond()) * 1_000_000_000L
                + now.getNano()
                - commit.getNano();
    }
}
