package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
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
import java.util.Objects;
import java.util.function.Supplier;
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
    private static final Duration QUIET = Duration.ofSeconds(1);

    /** What becomes of the work of all rules. */
    @FunctionalInterface
    interface Listener {
        void done(Task task, HandlerResult result, long sinceCommitNanos);
    }

    private final Rule rule;
    private final ChangeHandler handler;
    private final Lanes lanes;
    private final Loop loop;
    private final InstantSource clock;
    private final Backoff backoff;
    private final RuleMeters meters;
    private final Listener listener;
    private final OpenTasks open = new OpenTasks();
    private boolean warmed;
    private boolean barrierNext;
    private boolean stopped;
    private boolean quiet;
    private int untold;

    RuleRunner(
            Rule rule,
            ChangeHandler handler,
            int laneCount,
            Loop loop,
            InstantSource clock,
            RandomGenerator random,
            RuleMeters meters,
            Listener listener) {
        this.rule = rule;
        this.handler = handler;
        this.lanes = new Lanes(laneCount, this::run);
        this.loop = loop;
        this.clock = clock;
        this.backoff = new Backoff(rule.retry().backoff(), rule.retry().maxBackoff(), random);
        this.meters = meters;
        this.listener = listener;
    }

    Rule rule() {
        return rule;
    }

    /** Tells the handler which log is followed. */
    void follow(LogIdentity log) {
        handler.follow(log);
    }

    /** Lets the handler make its start, once; tries until it can. */
    void warm() {
        if (warmed) {
            return;
        }
        warmed = true;
        fill(handler::warm);
    }

    private void fill(Supplier<Uni<? extends HandlerResult>> work) {
        open.filling();
        make(work, 1);
    }

    /** Whether what the rule makes can be made anew from the tables as they are. */
    boolean canRebuild() {
        return handler.canRebuild();
    }

    /** Whether the rule may have missed something by the gap. */
    boolean isConcernedBy(Gap gap) {
        return gap.tables().isEmpty()
                || gap.tables().stream().anyMatch(table -> rule.filter().matches(table));
    }

    /** Changes that the rule wanted were lost. */
    void missed(Gap gap) {
        if (canRebuild()) {
            LOG.infof("Source %s: rule %s makes its values anew.", rule.source(), rule.name());
            fill(handler::rebuild);
        } else {
            LOG.errorf(
                    "Source %s: rule %s has missed the changes in %s, and nothing can be made of them; the gap is on"
                            + " record.",
                    rule.source(), rule.name(), gap);
        }
    }

    private void make(Supplier<Uni<? extends HandlerResult>> work, int attempt) {
        if (stopped) {
            return;
        }
        Uni.createFrom()
                .<HandlerResult>deferred(work)
                .subscribe()
                .with(
                        this::filled,
                        failure -> loop.execute(() -> failedStart(work, failure, attempt)));
    }

    private void failedStart(
            Supplier<Uni<? extends HandlerResult>> work, Throwable failure, int attempt) {
        if (attempt == 1) {
            tellFailedStart(failure);
        }
        loop.schedule(backoff.after(attempt), () -> make(work, attempt + 1));
    }

    private void filled(@Nullable HandlerResult result) {
        loop.execute(open::filled);
        tellStart(result);
    }

    private void tellStart(@Nullable HandlerResult result) {
        if (result != null && !result.isEmpty()) {
            LOG.infof("Source %s: rule %s started: %s", rule.source(), rule.name(), result);
        }
    }

    private void tellFailedStart(Throwable failure) {
        LOG.warnf(
                "Source %s: rule %s could not make its start: %s. It is tried again until it can.",
                rule.source(), rule.name(), describe(failure));
        LOG.debugf(failure, "Rule %s could not make its start", rule.name());
    }

    /**
     * The shape of one of the rule's tables changed: the next change waits for all before it, and
     * holds up all after it.
     */
    void barrierNext() {
        barrierNext = true;
    }

    /** Starts nothing more: neither what waits in its lane nor what failed. */
    void stop() {
        stopped = true;
    }

    /**
     * Takes a change; returns the task that was made of it, which counts as open in the unit until
     * it is done.
     */
    Task accept(RowChange change, Watermark.Unit unit, int weight) {
        Task task = new Task(this, change, unit, weight, lanesOf(change));
        barrierNext = false;
        unit.open();
        open.add(task);
        return task;
    }

    void submit(Task task) {
        lanes.submit(task);
    }

    /** What was taken in and is not done. */
    OpenTasks openTasks() {
        return open;
    }

    /** What the rule is at, for those who wait for it. */
    Barrier.Standing standing() {
        Task oldest = open.oldest();
        return oldest == null
                ? new Barrier.Standing(rule.name(), null, 0, open.isFilling())
                : new Barrier.Standing(
                        rule.name(),
                        oldest.change.transaction().commit(),
                        oldest.failures,
                        open.isFilling());
    }

    /**
     * A key column that the new row lacks is a large value that did not change; the old row then
     * has it. In a key of several columns the others may have changed all the same: such a change
     * waits for all, and all for it. So does one whose key is not known, and a TRUNCATE.
     */
    private long lanesOf(RowChange change) {
        if (!handler.ordered() || rule.order() == Rule.Order.NONE) {
            return 0;
        }
        Relation relation = change.relation();
        Row before = change.before();
        Row after = change.after();
        if (barrierNext || (before == null && after == null)) {
            return lanes.all();
        }
        if (relation.key().isEmpty() || rule.order() == Rule.Order.TABLE) {
            return lanes.lane(relation.oid());
        }
        long left = lane(relation, before);
        long entered = lane(relation, after);
        boolean known = left != 0 && (after == null || relation.key().size() == 1);
        return entered != 0 || known ? left | entered : lanes.all();
    }

    /** 0 if the row does not tell its key. */
    private long lane(Relation relation, @Nullable Row row) {
        return row == null || !row.has(relation.key())
                ? 0
                : lanes.lane(31 * relation.oid() + row.hash(relation.key()));
    }

    private void run(Task task) {
        if (stopped) {
            return;
        }
        task.asked = true;
        try {
            if (rule.accepts(task.change)) {
                Objects.requireNonNull(
                                handler.handle(task.change),
                                "the handler returned null where a Uni was expected")
                        .subscribe()
                        .withSubscriber(task);
            } else {
                done(task, HandlerResult.NONE);
            }
        } catch (Throwable t) { // a class of the user's that is missing must not stop the pipeline
            failed(task, t);
        }
    }

    /** The handler is done with a change. May be called from any thread. */
    void answered(Task task, HandlerResult result) {
        if (loop.isHere()) {
            done(task, result);
        } else {
            loop.execute(() -> done(task, result));
        }
    }

    /** The handler could not do its work for a change. May be called from any thread. */
    void refused(Task task, Throwable failure) {
        loop.execute(() -> failed(task, failure));
    }

    private void done(Task task, HandlerResult result) {
        if (!task.asked) {
            return;
        }
        task.asked = false;
        long sinceCommit = nanosSince(task.change.transaction().time());
        meters.done(sinceCommit);
        try {
            listener.done(task, result, sinceCommit);
            open.remove(task);
        } finally {
            lanes.finished(task);
        }
    }

    private void failed(Task task, Throwable failure) {
        if (!task.asked) {
            return;
        }
        task.asked = false;
        task.failures++;
        meters.failed();
        Duration delay = backoff.after(task.failures);
        tell(task, failure, delay);
        loop.schedule(delay, () -> run(task));
    }

    /** At most once a second, as many changes may fail at once. */
    private void tell(Task task, Throwable failure, Duration delay) {
        LOG.debugf(failure, "Rule %s failed for change %s", rule.name(), task.change.id());
        if (quiet) {
            untold++;
            return;
        }
        LOG.warnf(
                "Rule %s failed for change %s of %s, attempt %d: %s. %s%s",
                rule.name(),
                task.change.id(),
                task.change.table(),
                task.failures,
                describe(failure),
                stopped
                        ? "It comes again after the next start."
                        : "It is tried again in "
                                + delay.toMillis()
                                + " ms; changes of the same row wait.",
                untold > 0 ? " Not told before: " + untold + " more attempts that failed." : "");
        untold = 0;
        quiet = true;
        loop.schedule(QUIET, () -> quiet = false);
    }

    static String describe(Throwable failure) {
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
