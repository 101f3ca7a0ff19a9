package dev.walmonitor.monitor.budget;

import dev.walmonitor.monitor.budget.BudgetPlan.Step;
import dev.walmonitor.source.LogGauges;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides at which stage a slot's budget is. A stage is entered at its threshold and left a while
 * below it, one stage a look, so that each may help before the next one begins. Beyond {@link
 * BudgetStage#WARN} it only goes while it is what we have not confirmed that keeps the log: nothing
 * that we could give up would move a transaction that was left open. Owned by whoever looks.
 */
final class SlotBudget {

    /**
     * What was seen.
     *
     * @param limit what the slot may keep, in bytes; null if nobody says
     * @param percent how much of it is used, rounded down; 0 without a limit
     * @param held whether the next stage would be due, and does not come as we do not keep the log
     */
    record Reading(
            BudgetStage before,
            BudgetStage stage,
            @Nullable Long limit,
            long percent,
            boolean held) {}

    private final BudgetPlan plan;
    private BudgetStage stage = BudgetStage.NONE;

    SlotBudget(BudgetPlan plan) {
        this.plan = plan;
    }

    Reading look(LogGauges gauges) {
        BudgetStage before = stage;
        Long limit = plan.limit(gauges);
        double used =
                limit == null || limit <= 0 ? 0 : 100.0 * gauges.retainedBytes() / (double) limit;
        Optional<Step> next = plan.after(stage);
        boolean due = next.isPresent() && used >= next.get().percent();
        boolean held = false;
        if (isOver(gauges, used)) {
            stage = plan.before(stage);
        } else if (due) {
            held = next.get().stage() != BudgetStage.WARN && !gauges.isOurs();
            stage = held ? stage : next.get().stage();
        }
        return new Reading(before, stage, limit, (long) used, held);
    }

    /** Somebody else looks after the slot now. */
    void leave() {
        stage = BudgetStage.NONE;
    }

    /** Whether the slot is still as full as the stage asks for. */
    boolean isDue(BudgetStage asked, Reading reading) {
        return stage == asked
                && plan.step(asked).map(step -> reading.percent() >= step.percent()).orElse(false);
    }

    private boolean isOver(LogGauges gauges, double used) {
        if (stage == BudgetStage.NONE) {
            return false;
        }
        int percent = plan.step(stage).orElseThrow().percent();
        boolean moved = stage != BudgetStage.WARN && gauges.lagBytes() < gauges.retainedBytes() / 4;
        return moved || used < percent - plan.release();
    }
}
