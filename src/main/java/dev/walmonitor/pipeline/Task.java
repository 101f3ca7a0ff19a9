package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import io.smallrye.mutiny.subscription.UniSubscriber;
import io.smallrye.mutiny.subscription.UniSubscription;
import org.jspecify.annotations.Nullable;

/**
 * One change on its way through one rule. Owned by the pipeline's loop.
 *
 * <p>It listens to the handler itself, so that an attempt costs no object more; a handler may
 * answer on any thread.
 */
final class Task extends Lanes.Entry implements UniSubscriber<HandlerResult> {
    final RuleRunner runner;
    final RowChange change;
    final Watermark.Unit unit;
    final int weight;

    /** Whether it waits for everything, and everything for it. */
    final boolean alone;

    /** When it was taken in, as the loop's clock told it. */
    long since;

    /** Whether the handler was asked and has not answered; a second answer is not listened to. */
    boolean asked;

    /** The attempt under way, for the flight recorder; null if nothing is recorded. */
    @Nullable HandleEvent attempt;

    /** How often it has failed. */
    int failures;

    /** Whether it is on its way to the parked ones, or done: none of the rule's lanes' any more. */
    boolean parking;

    /** Whether it has to be through before anything that is parked is done. */
    boolean toldAgain;

    /** Its neighbours among the rule's open tasks, and whether it is one of them. */
    @Nullable Task previous;

    @Nullable Task next;
    boolean listed;

    Task(
            RuleRunner runner,
            RowChange change,
            Watermark.Unit unit,
            int weight,
            long lanes,
            boolean alone) {
        super(lanes);
        this.runner = runner;
        this.change = change;
        this.unit = unit;
        this.weight = weight;
        this.alone = alone;
    }

    @Override
    public void onSubscribe(UniSubscription subscription) {
        // what was begun is never called off
    }

    @Override
    public void onItem(@Nullable HandlerResult result) {
        runner.answered(this, result == null ? HandlerResult.NONE : result);
    }

    @Override
    public void onFailure(Throwable failure) {
        runner.refused(this, failure);
    }
}
