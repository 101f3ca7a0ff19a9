package dev.walmonitor.pipeline;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Backoff;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one rule cannot do now: it is parked, and done when it can be. Owned by the pipeline's loop.
 */
final class ParkedRule implements Drain.Rule {
    private static final Logger LOG = Logger.getLogger(ParkedRule.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** Why a rule is paused that its file pauses. */
    static final String BY_FILE = "paused in the rules file";

    private final RuleRunner runner;
    private final Rule rule;
    private final ChangeHandler handler;
    private final ParkingLot lot;
    private final Loop loop;
    private final InstantSource clock;
    private final Backoff backoff;
    private final RuleMeters meters;
    private final Parking parking = new Parking();
    private final Drain drain;
    private boolean attached;
    private boolean resumed;

    ParkedRule(
            RuleRunner runner,
            ChangeHandler handler,
            ParkingLot lot,
            int laneCount,
            Loop loop,
            InstantSource clock,
            Backoff backoff,
            RuleMeters meters) {
        this.runner = runner;
        this.rule = runner.rule();
        this.handler = handler;
        this.lot = lot;
        this.loop = loop;
        this.clock = clock;
        this.backoff = backoff;
        this.meters = meters;
        this.drain = new Drain(this, parking, lot.store(), laneCount, loop, clock, backoff);
    }

    /** The lot has read what is parked. */
    void loaded() {
        parking.loaded(
                lot.standing(rule.name()),
                lot.waiting(rule.name()),
                rule.paused() ? BY_FILE : null);
        if (resumed) {
            parking.pause(null);
        }
        resumed = false;
        publish();
    }

    /** The source is followed from now on: what is parked is for us to do. */
    void attach(LogIdentity log, Position from) {
        parking.follow(log, from);
        attached = true;
        drain.wake();
    }

    /** The log has been taken in up to here; answers whether that is to be told again. */
    boolean reached(Position place) {
        if (!parking.isCatchingUp() || parking.reached(place)) {
            return parking.isCatchingUp();
        }
        drain.look();
        return false;
    }

    /** Whether what waits has to wait for the log to be told again. */
    boolean isCatchingUp() {
        return parking.isCatchingUp();
    }

    /** Another instance may follow the source: what is parked is not for us to do. */
    void detach() {
        attached = false;
    }

    void stop() {
        drain.stop();
    }

    /** Whether everything is parked from now on. */
    boolean takesEverything() {
        return parking.takesEverything();
    }

    /** Whether it makes sense to park what could be done from memory. */
    boolean canTakeMore() {
        return !lot.isAway() && !parking.takesEverything();
    }

    /** Parks everything from now on, until all of it is done. */
    void takeEverything() {
        parking.takeEverything();
    }

    boolean hasOtherShape(Relation relation) {
        return parking.hasOtherShape(relation);
    }

    /** Whether the task must wait behind what is parked. */
    boolean holds(Task task) {
        return parking.takesEverything()
                || (!parking.isEmpty() && parking.holds(runner.keysOf(task)));
    }

    /** Whether something at or before the place is not done and is not to be done soon. */
    boolean blocks(Position place) {
        return parking.blocks(place);
    }

    RuleStanding standing() {
        return new RuleStanding(
                rule.source(),
                rule.name(),
                rule.action(),
                parking.paused(),
                parking.takesEverything(),
                runner.openTasks().size(),
                parking.parked(),
                parking.dead());
    }

    /** Why the rule may do nothing; null if it may. */
    @Nullable String paused() {
        return parking.paused();
    }

    /** The oldest change that waits or was given up. */
    @Nullable Position oldest() {
        return parking.oldest();
    }

    /**
     * Parks a change that its rule did not do.
     *
     * @param failure why it failed the last time; null if it was not tried
     */
    void park(Task task, @Nullable Throwable failure) {
        ParkedChange change = parked(task, failure, false);
        parking.add(change);
        publish();
        lot.park(
                change,
                () -> {
                    boolean late = parking.stored(change);
                    runner.parked(task);
                    publish();
                    drain.added(change, late);
                });
    }

    /**
     * Parks changes that are to be done once more.
     *
     * @param stored what to do when all of them are durable
     */
    void replay(List<RowChange> changes, Runnable stored) {
        AtomicInteger left = new AtomicInteger(changes.size());
        for (RowChange change : changes) {
            ParkedChange waiting =
                    parked(change, runner.keysOf(change), Pipeline.weight(change), 0, null, false);
            parking.add(waiting);
            parking.note(waiting.shape());
            lot.park(
                    waiting,
                    () -> {
                        drain.added(waiting, parking.stored(waiting));
                        if (left.decrementAndGet() == 0) {
                            publish();
                            stored.run();
                        }
                    });
        }
        publish();
    }

    /** Gives a change up. */
    void bury(Task task, Throwable failure) {
        ParkedChange change = parked(task, failure, true);
        LOG.errorf(
                "Rule %s gave up change %s of %s after %d attempts: %s. It is a dead letter now.",
                rule.name(),
                task.change.id(),
                task.change.table(),
                task.failures,
                RuleRunner.describe(failure));
        lot.park(
                change,
                () -> {
                    parking.died(change);
                    publish();
                    runner.parked(task);
                });
    }

    private ParkedChange parked(Task task, @Nullable Throwable failure, boolean dead) {
        return parked(task.change, runner.keysOf(task), task.weight, task.failures, failure, dead);
    }

    private ParkedChange parked(
            RowChange change,
            List<Long> keys,
            int weight,
            int failures,
            @Nullable Throwable failure,
            boolean dead) {
        Instant now = clock.instant();
        return new ParkedChange(
                0,
                1,
                rule.name(),
                change,
                keys,
                dead ? null : handler.coalescedBy(change),
                change.transaction().commit(),
                Set.of(change.transaction().xid()),
                weight,
                failures,
                failure == null || dead ? now : now.plus(backoff.after(failures)),
                failure == null ? null : RuleRunner.describe(failure),
                dead);
    }

    /** Lets the rule do nothing; what comes is parked. */
    void pause(String why) {
        parking.pause(why);
        LOG.warnf("Source %s: rule %s is paused: %s.", rule.source(), rule.name(), why);
        remember(why);
        publish();
    }

    /** Lets the rule go on with what is parked. */
    void resume() {
        if (parking.paused() != null) {
            LOG.infof("Source %s: rule %s goes on.", rule.source(), rule.name());
        }
        parking.pause(null);
        resumed = !attached;
        remember(null);
        if (parking.isEmpty() && !parking.isOnTheWay()) {
            parking.counted(0);
        }
        publish();
        drain.wake();
    }

    private void remember(@Nullable String why) {
        Uni.createFrom()
                .deferred(() -> lot.store().pause(rule.source(), rule.name(), why))
                .subscribe()
                .with(
                        ok -> {},
                        failure ->
                                loop.schedule(
                                        AGAIN,
                                        () -> {
                                            if (Objects.equals(why, parking.paused())) {
                                                remember(why);
                                            }
                                        }));
    }

    /** Somebody else has changed what is parked. */
    void changed() {
        lot.load(() -> {
            boolean follows = attached && !parking.isCatchingUp();
            parking.loaded(lot.standing(rule.name()), lot.waiting(rule.name()), parking.paused());
            if (follows) {
                parking.caughtUp();
            }
            publish();
            drain.wake();
        });
    }

    /** The lanes are empty, for which a rule that parks everything waits. */
    void look() {
        drain.look();
    }

    @Override
    public String source() {
        return rule.source();
    }

    @Override
    public String name() {
        return rule.name();
    }

    @Override
    public boolean mayDrain() {
        return attached
                && !parking.isCatchingUp()
                && runner.isCaughtUp()
                && parking.paused() == null
                && (!parking.takesEverything() || runner.isIdle());
    }

    @Override
    public Uni<HandlerResult> attempt(ParkedChange parked) {
        if (!rule.accepts(parked.change())) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        if (parked.xids().size() <= 1) {
            return handler.handle(parked.change());
        }
        List<Uni<HandlerResult>> all =
                parked.xids().stream()
                        .map(xid -> handler.handle(in(parked.change(), xid)))
                        .toList();
        return Uni.join()
                .all(all)
                .andFailFast()
                .map(results ->
                        results.stream()
                                .filter(result -> !result.isEmpty())
                                .findFirst()
                                .orElse(HandlerResult.NONE));
    }

    /** The same change in another transaction. */
    private static RowChange in(RowChange change, int xid) {
        Transaction was = change.transaction();
        return change.in(
                new Transaction(
                        was.source(),
                        was.epoch(),
                        was.commit(),
                        was.time(),
                        xid,
                        was.delivery(),
                        was.trace()));
    }

    @Override
    public void drained(ParkedChange change, HandlerResult result) {
        runner.drained(change.change(), result);
    }

    @Override
    public @Nullable ParkedChange failed(ParkedChange change, Throwable failure) {
        int attempts = change.attempts() + 1;
        String why = RuleRunner.describe(failure);
        meters.failed();
        Instant again = clock.instant().plus(backoff.after(attempts));
        if (!runner.isExhausted(attempts, failure)) {
            runner.tell(change.change(), attempts, failure, "It stays parked and is tried again.");
            runner.setAside(change.change(), Tracing.Fate.PARKED);
            return change.failed(why, again, false);
        }
        return switch (rule.retry().exhausted()) {
            case DEAD_LETTER -> {
                LOG.errorf(
                        "Rule %s gave up change %s of %s after %d attempts: %s. It is a dead letter now.",
                        rule.name(), change.change().id(), change.change().table(), attempts, why);
                runner.setAside(change.change(), Tracing.Fate.DEAD);
                yield change.failed(why, again, true);
            }
            case DROP -> {
                runner.dropped(change.change(), attempts, failure);
                yield null;
            }
            case STOP -> {
                runner.pause(RuleRunner.stopping(change.change(), attempts, failure));
                runner.setAside(change.change(), Tracing.Fate.PARKED);
                yield change.failed(why, clock.instant(), false);
            }
        };
    }

    @Override
    public void settled() {
        publish();
    }

    @Override
    public void emptied() {
        publish();
        runner.caughtUp();
    }

    private void publish() {
        meters.waiting(parking.parked(), parking.dead());
        runner.publish(standing());
    }
}
