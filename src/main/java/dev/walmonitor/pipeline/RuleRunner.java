package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.source.Backoff;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One rule at work on the changes of one source: its lanes, its handler, its retries. Owned by the
 * pipeline's loop.
 *
 * <p>A change that fails keeps its lanes and is tried again after a growing delay; soon it is
 * parked, and what shares a key with it is parked behind it. So is everything, once nothing
 * succeeds any more or too much waits in memory.
 */
final class RuleRunner {
    private static final Logger LOG = Logger.getLogger(RuleRunner.class);
    private static final Duration QUIET = Duration.ofSeconds(1);

    /** How often a change is tried before it is parked. */
    private static final int TRIES_IN_MEMORY = 3;

    /**
     * After so many changes in a row that could not be done the rule's other end counts as down.
     */
    private static final int DOWN = 8;

    /** How often a change is tried that cannot succeed before somebody changes something. */
    private static final int TRIES_IN_VAIN = 10;

    /** How much of a rule may wait in memory, and for how long, before it has fallen behind. */
    private static final Pipeline.Bounds SHARE = new Pipeline.Bounds(5_000, 16L << 20);

    private static final Duration SLOW = Duration.ofSeconds(2);

    /** What becomes of the work of all rules. */
    @FunctionalInterface
    interface Listener {
        void done(Task task, HandlerResult result, long sinceCommitNanos);

        /** The task's change is kept where it waits until it can be done; the task is over. */
        default void parked(Task task) {}

        /** A change that was parked is done. */
        default void drained(
                RuleRunner runner, RowChange change, HandlerResult result, long sinceCommitNanos) {}

        /** A change is let be: parked, or given up. */
        default void setAside(RuleRunner runner, RowChange change, Tracing.Fate fate) {}
    }

    private final Rule rule;
    private final ChangeHandler handler;
    private final Lanes<Task> lanes;
    private final Loop loop;
    private final InstantSource clock;
    private final Backoff backoff;
    private final RuleMeters meters;
    private final Listener listener;
    private final OpenTasks open = new OpenTasks();
    private boolean warmed;
    private final Set<Integer> reshaped = new HashSet<>();
    private boolean stopped;
    private boolean quiet;
    private int untold;
    private int parkedInARow;
    private int toldAgain;
    private final @Nullable ParkedRule parked;
    private volatile @Nullable RuleStanding seen;

    /** A rule that parks nothing: what fails is tried again in memory, without end. */
    RuleRunner(
            Rule rule,
            ChangeHandler handler,
            int laneCount,
            Loop loop,
            InstantSource clock,
            RandomGenerator random,
            RuleMeters meters,
            Listener listener) {
        this(rule, handler, laneCount, loop, clock, random, meters, listener, null);
    }

    RuleRunner(
            Rule rule,
            ChangeHandler handler,
            int laneCount,
            Loop loop,
            InstantSource clock,
            RandomGenerator random,
            RuleMeters meters,
            Listener listener,
            @Nullable ParkingLot lot) {
        this.rule = rule;
        this.handler = handler;
        this.lanes = new Lanes<>(laneCount, this::run);
        this.loop = loop;
        this.clock = clock;
        this.backoff = new Backoff(rule.retry().backoff(), rule.retry().maxBackoff(), random);
        this.meters = meters;
        this.listener = listener;
        this.parked =
                lot == null
                        ? null
                        : new ParkedRule(
                                this, handler, lot, laneCount, loop, clock, backoff, meters);
    }

    Rule rule() {
        return rule;
    }

    /** What is parked has been read; called before the first change is routed. */
    void loaded() {
        if (parked != null) {
            parked.loaded();
        }
    }

    /** Tells the handler which log is followed; what is parked has been read. */
    void follow(LogIdentity log, Position from) {
        handler.follow(log);
        if (parked != null) {
            parked.attach(log, from);
        }
    }

    /** The log has been taken in up to here; answers whether the rule wants to be told again. */
    boolean reached(Position place) {
        return parked != null && parked.reached(place);
    }

    /** Another instance may follow the source from now on. */
    void detach() {
        if (parked != null) {
            parked.detach();
        }
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
     * The shape of one of the rule's tables changed: its next change waits for all before it, and
     * holds up all after it.
     */
    void barrierNext(Relation relation) {
        reshaped.add(relation.oid());
    }

    /** The table is seen for the first time; what is parked may be of another shape of it. */
    void firstSeen(Relation relation) {
        if (parked != null && parked.hasOtherShape(relation)) {
            barrierNext(relation);
        }
    }

    /** Starts nothing more: neither what waits in its lane nor what failed. */
    void stop() {
        stopped = true;
        if (parked != null) {
            parked.stop();
        }
    }

    /**
     * Takes a change; returns the task that was made of it, which counts as open in the unit until
     * it is done.
     */
    Task accept(RowChange change, Watermark.Unit unit, int weight) {
        Task task = task(change, unit, weight);
        task.since = loop.nanoTime();
        reshaped.remove(change.relation().oid());
        unit.open();
        open.add(task);
        return task;
    }

    private Task task(RowChange change, Watermark.Unit unit, int weight) {
        boolean anyOrder = isAnyOrder();
        boolean alone = !anyOrder && isAlone(change);
        long occupied = anyOrder ? 0 : alone ? lanes.all() : lanesOf(change);
        return new Task(this, change, unit, weight, occupied, alone);
    }

    private boolean isAnyOrder() {
        return !handler.ordered() || rule.order() == Rule.Order.NONE;
    }

    /**
     * Does changes once more. They are parked, so that they are done in their order and what comes
     * of the same rows meanwhile is done behind them; what waits in memory now is done first.
     *
     * @param isCurrent whether a table has this shape now
     * @param stored what to do when all of them are durable
     * @return false if the rule parks nothing
     */
    boolean replay(List<RowChange> changes, Predicate<Relation> isCurrent, Runnable stored) {
        if (parked == null) {
            return false;
        }
        changes.stream()
                .map(RowChange::relation)
                .filter(isCurrent.negate())
                .forEach(this::barrierNext);
        for (Task task : open.all()) {
            if (!task.parking && !task.toldAgain) {
                task.toldAgain = true;
                toldAgain++;
            }
        }
        parked.replay(changes, stored);
        return true;
    }

    /** Puts the task in its lanes; in a rule that has fallen behind, behind all that is parked. */
    void submit(Task task) {
        if (parked != null && (parked.takesEverything() || isBehind(parked, task))) {
            park(parked, task, null);
        } else {
            task.toldAgain = parked != null && parked.isCatchingUp();
            toldAgain += task.toldAgain ? 1 : 0;
            lanes.submit(task);
        }
    }

    /** Too much waits in memory, and for too long: from this task on everything is parked. */
    private boolean isBehind(ParkedRule to, Task task) {
        if ((open.size() & 255) != 0
                || (open.size() < SHARE.tasks() && open.weight() < SHARE.bytes())
                || !isOld(open.oldest())
                || !to.canTakeMore()) {
            return false;
        }
        LOG.warnf(
                "Source %s: rule %s has fallen behind: %d changes wait in memory. They are parked in the monitor"
                        + " database, and done from there.",
                rule.source(), rule.name(), open.size());
        spill(to, task);
        return true;
    }

    private boolean isOld(@Nullable Task oldest) {
        return oldest != null && loop.nanoTime() - oldest.since > SLOW.toNanos();
    }

    /** Parks what waits in memory and is not begun; answers whether that was anything. */
    boolean spill() {
        if (parked == null || !parked.canTakeMore()) {
            return false;
        }
        LOG.warnf(
                "Source %s: rule %s holds up the others: %d of its changes wait in memory. They are parked in the"
                        + " monitor database, and done from there.",
                rule.source(), rule.name(), open.size());
        spill(parked, null);
        return true;
    }

    /**
     * @param but a task that is not in the lanes yet
     */
    private void spill(ParkedRule to, @Nullable Task but) {
        to.takeEverything();
        lanes.keep(task -> task.asked);
        for (Task task : open.all()) {
            if (task != but && !task.parking && (!task.asked || isCoalesced(task))) {
                park(to, task, null);
            }
        }
        to.look();
    }

    /** What is done with the next of its kind may be forgotten though it was begun. */
    private boolean isCoalesced(Task task) {
        return task.lanes == 0 && handler.coalescedBy(task.change) != null;
    }

    /** The task leaves the lanes it may be in, or has left them. */
    private void park(ParkedRule to, Task task, @Nullable Throwable failure) {
        task.parking = true;
        task.asked = false;
        passed(task);
        if (rule.accepts(task.change)) {
            to.park(task, failure);
            setAside(task.change, Tracing.Fate.PARKED);
            open.blocked(task.change.transaction().commit());
        } else {
            if (task.alone) {
                barrierNext(task.change.relation());
            }
            over(task, HandlerResult.NONE);
        }
    }

    /** The task's change is in the store. */
    void parked(Task task) {
        meters.parked();
        listener.parked(task);
        open.remove(task);
    }

    /** A change is let be. */
    void setAside(RowChange change, Tracing.Fate fate) {
        listener.setAside(this, change, fate);
    }

    /** A change that was parked is done. */
    void drained(RowChange change, HandlerResult result) {
        long sinceCommit = nanosSince(change.transaction().time());
        meters.done(sinceCommit);
        listener.drained(this, change, result, sinceCommit);
    }

    /** What was parked is done; everything is done from memory again. */
    void caughtUp() {
        parkedInARow = 0;
        LOG.infof("Source %s: rule %s has done all that was parked.", rule.source(), rule.name());
    }

    /** Whether nothing in the lanes was told before what is parked could be done. */
    boolean isCaughtUp() {
        return toldAgain == 0;
    }

    /** Whether nothing is in the lanes. */
    boolean isIdle() {
        return lanes.isIdle();
    }

    /** Lets the rule do nothing until it is resumed; what comes is parked. */
    void pause(String why) {
        if (parked != null) {
            parked.pause(why);
            spill(parked, null);
        }
    }

    void resume() {
        if (parked != null) {
            parked.resume();
        }
    }

    /** Somebody else has changed what is parked. */
    void parkedChanged() {
        if (parked != null) {
            parked.changed();
        }
    }

    void publish(RuleStanding standing) {
        seen = standing;
    }

    /** How the rule stands, as of a moment ago. May be called from any thread. */
    RuleStanding seen() {
        RuleStanding last = seen;
        RuleStanding now =
                last != null
                        ? last.open(open.seen())
                        : new RuleStanding(
                                rule.source(),
                                rule.name(),
                                rule.action(),
                                null,
                                false,
                                open.seen(),
                                0,
                                0);
        String disabled = handler.disabled();
        return disabled == null ? now : now.disabled(disabled);
    }

    /** Whether something at or before the place is not done and will not be soon. */
    boolean blocks(Position place) {
        return parked != null && parked.blocks(place);
    }

    /** What was taken in and is not done. */
    OpenTasks openTasks() {
        return open;
    }

    /** What the rule is at, for those who wait for it. */
    Barrier.Standing standing() {
        Task oldest = open.oldest();
        RuleStanding now = parked == null ? seen() : parked.standing();
        Position first = parked == null ? null : parked.oldest();
        if (first == null && oldest != null) {
            first = oldest.change.transaction().commit();
        }
        return new Barrier.Standing(
                rule.name(),
                first,
                oldest == null ? 0 : oldest.failures,
                open.isFilling(),
                now.parked(),
                now.dead(),
                now.paused());
    }

    /**
     * A key column that the new row lacks is a large value that did not change; the old row then
     * has it. In a key of several columns the others may have changed all the same: such a change
     * waits for all, and all for it. So does one whose key is not known, and a TRUNCATE.
     */
    private boolean isAlone(RowChange change) {
        Row before = change.before();
        Row after = change.after();
        if (reshaped.contains(change.relation().oid()) || (before == null && after == null)) {
            return true;
        }
        Relation relation = change.relation();
        if (relation.key().isEmpty() || rule.order() == Rule.Order.TABLE) {
            return false;
        }
        boolean left = before != null && before.has(relation.key());
        boolean entered = after != null && after.has(relation.key());
        return !entered && !(left && (after == null || relation.key().size() == 1));
    }

    private long lanesOf(RowChange change) {
        Relation relation = change.relation();
        return relation.key().isEmpty() || rule.order() == Rule.Order.TABLE
                ? lanes.lane(relation.oid())
                : lane(relation, change.before()) | lane(relation, change.after());
    }

    /** What the task must not overtake, and what must not overtake it; see {@link Keys}. */
    List<Long> keysOf(Task task) {
        return task.lanes == 0 ? List.of() : keysOf(task.change, task.alone);
    }

    /** The same of a change that is in no lanes. */
    List<Long> keysOf(RowChange change) {
        return isAnyOrder() ? List.of() : keysOf(change, isAlone(change));
    }

    private List<Long> keysOf(RowChange change, boolean alone) {
        Relation relation = change.relation();
        if (alone) {
            return List.of(Keys.ofTable(relation.table()));
        }
        return relation.key().isEmpty() || rule.order() == Rule.Order.TABLE
                ? List.of(Keys.ofTable(relation.table()))
                : Keys.ofRows(relation, change.before(), change.after());
    }

    /** 0 if the row does not tell its key. */
    private long lane(Relation relation, @Nullable Row row) {
        return row == null || !row.has(relation.key())
                ? 0
                : lanes.lane(31 * relation.oid() + row.hash(relation.key()));
    }

    private void run(Task task) {
        if (stopped || task.parking) {
            return;
        }
        if (parked != null && parked.holds(task)) {
            leave(parked, task, null);
            return;
        }
        task.asked = true;
        task.attempt = HandleEvent.begun();
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
        tellRecorder(task, true);
        parkedInARow = 0;
        try {
            over(task, result);
        } finally {
            left(task);
        }
    }

    private static void tellRecorder(Task task, boolean succeeded) {
        HandleEvent attempt = task.attempt;
        if (attempt != null) {
            task.attempt = null;
            attempt.over(task, succeeded);
        }
    }

    /** Whoever is told may ask for more at once, and have the rule park all that it has. */
    private void over(Task task, HandlerResult result) {
        task.parking = true;
        long sinceCommit = nanosSince(task.change.transaction().time());
        meters.done(sinceCommit);
        listener.done(task, result, sinceCommit);
        open.remove(task);
    }

    /** The task has left its lanes. */
    private void left(Task task) {
        lanes.finished(task);
        passed(task);
        if (parked != null && parked.takesEverything() && lanes.isIdle()) {
            parked.look();
        }
    }

    /** The task is no more in the way of what is parked. */
    private void passed(Task task) {
        if (task.toldAgain) {
            task.toldAgain = false;
            toldAgain--;
            if (toldAgain == 0 && parked != null) {
                parked.look();
            }
        }
    }

    private void failed(Task task, Throwable failure) {
        if (!task.asked) {
            return;
        }
        task.asked = false;
        tellRecorder(task, false);
        task.failures++;
        meters.failed();
        if (parked != null && !stopped && isExhausted(task.failures, failure)) {
            giveUp(parked, task, failure);
        } else if (parked != null && !stopped && isToBeParked(parked, task, failure)) {
            tell(
                    task.change,
                    task.failures,
                    failure,
                    "It is parked; changes of the same row wait behind it.");
            boolean down = ++parkedInARow == DOWN;
            leave(parked, task, failure);
            if (down && !parked.takesEverything()) {
                LOG.warnf(
                        "Source %s: rule %s can do nothing at the moment. Its changes are parked in the monitor"
                                + " database until it can.",
                        rule.source(), rule.name());
                spill(parked, null);
            }
        } else {
            retry(task, failure);
        }
    }

    private void retry(Task task, Throwable failure) {
        Duration delay = backoff.after(task.failures);
        tell(
                task.change,
                task.failures,
                failure,
                stopped
                        ? "It comes again after the next start."
                        : "It is tried again in "
                                + delay.toMillis()
                                + " ms; changes of the same row wait.");
        loop.schedule(delay, () -> run(task));
    }

    private static boolean isPermanent(Throwable failure) {
        return failure instanceof SinkException sink && !sink.isRetryable();
    }

    private boolean isToBeParked(ParkedRule to, Task task, Throwable failure) {
        return to.takesEverything()
                || task.failures >= TRIES_IN_MEMORY
                || isPermanent(failure)
                || isCoalesced(task);
    }

    /** Whether a change is not to be tried again. */
    boolean isExhausted(int attempts, Throwable failure) {
        int most = rule.retry().maxAttempts();
        return most > 0
                ? attempts >= most
                : !handler.canRebuild() && isPermanent(failure) && attempts >= TRIES_IN_VAIN;
    }

    /** The task goes where it waits, and its lanes are free. */
    private void leave(ParkedRule to, Task task, @Nullable Throwable failure) {
        park(to, task, failure);
        left(task);
    }

    private void giveUp(ParkedRule to, Task task, Throwable failure) {
        switch (rule.retry().exhausted()) {
            case DEAD_LETTER -> {
                task.parking = true;
                meters.dead();
                setAside(task.change, Tracing.Fate.DEAD);
                to.bury(task, failure);
                open.blocked(task.change.transaction().commit());
                left(task);
            }
            case DROP -> {
                dropped(task.change, task.failures, failure);
                task.parking = true;
                over(task, HandlerResult.NONE);
                left(task);
            }
            case STOP -> {
                leave(to, task, failure);
                pause(stopping(task.change, task.failures, failure));
            }
        }
    }

    static String stopping(RowChange change, int attempts, Throwable failure) {
        return "change "
                + change.id()
                + " of "
                + change.table()
                + " failed "
                + attempts
                + " times: "
                + describe(failure);
    }

    void dropped(RowChange change, int attempts, Throwable failure) {
        meters.dropped();
        setAside(change, Tracing.Fate.DROPPED);
        LOG.errorf(
                "Rule %s dropped change %s of %s after %d attempts: %s.",
                rule.name(), change.id(), change.table(), attempts, describe(failure));
    }

    /** At most once a second, as many changes may fail at once. */
    void tell(RowChange change, int attempts, Throwable failure, String next) {
        LOG.debugf(failure, "Rule %s failed for change %s", rule.name(), change.id());
        if (quiet) {
            untold++;
            return;
        }
        LOG.warnf(
                "Rule %s failed for change %s of %s, attempt %d: %s. %s%s",
                rule.name(),
                change.id(),
                change.table(),
                attempts,
                describe(failure),
                next,
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
