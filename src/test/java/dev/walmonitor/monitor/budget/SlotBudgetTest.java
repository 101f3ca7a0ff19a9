package dev.walmonitor.monitor.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.budget.BudgetPlan.Step;
import dev.walmonitor.monitor.budget.SlotBudget.Reading;
import dev.walmonitor.source.LogGauges;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotBudgetTest {
    private static final List<Step> STEPS =
            List.of(
                    new Step(BudgetStage.WARN, 70),
                    new Step(BudgetStage.SPILL, 80),
                    new Step(BudgetStage.INVALIDATE, 85),
                    new Step(BudgetStage.GIVE_UP, 95));

    private final SlotBudget budget =
            new SlotBudget(new BudgetPlan(1000L, STEPS, 10, List.of("roles")));

    @Test
    void aStageComesAtItsThresholdAndGoesAWhileBelowIt() {
        assertThat(stage(69)).isEqualTo(BudgetStage.NONE);
        assertThat(stage(70)).isEqualTo(BudgetStage.WARN);
        assertThat(stage(79)).isEqualTo(BudgetStage.WARN);
        assertThat(stage(80)).isEqualTo(BudgetStage.SPILL);
        assertThat(stage(70)).as("no flapping").isEqualTo(BudgetStage.SPILL);
        assertThat(stage(69)).isEqualTo(BudgetStage.WARN);
        assertThat(stage(60)).isEqualTo(BudgetStage.WARN);
        assertThat(stage(59)).isEqualTo(BudgetStage.NONE);
    }

    @Test
    void everyStageHasItsTurnBothWays() {
        assertThat(List.of(stage(99), stage(99), stage(99), stage(99), stage(99)))
                .containsExactly(
                        BudgetStage.WARN,
                        BudgetStage.SPILL,
                        BudgetStage.INVALIDATE,
                        BudgetStage.GIVE_UP,
                        BudgetStage.GIVE_UP);
        assertThat(List.of(stage(0), stage(0), stage(0), stage(0), stage(0)))
                .containsExactly(
                        BudgetStage.INVALIDATE,
                        BudgetStage.SPILL,
                        BudgetStage.WARN,
                        BudgetStage.NONE,
                        BudgetStage.NONE);
    }

    @Test
    void f45_aTransactionThatWasLeftOpenMovesNothingBeyondTheWarning() {
        assertThat(stage(99, 10)).isEqualTo(BudgetStage.WARN);
        Reading reading = budget.look(new LogGauges(100, 990, true));
        assertThat(reading.stage()).isEqualTo(BudgetStage.WARN);
        assertThat(reading.held()).isTrue();
    }

    @Test
    void f45_whatIsConfirmedMeanwhileTakesAStageBack() {
        assertThat(List.of(stage(99), stage(99))).last().isEqualTo(BudgetStage.SPILL);
        assertThat(stage(99, 40)).as("still more than a quarter").isEqualTo(BudgetStage.SPILL);
        assertThat(stage(99, 20)).isEqualTo(BudgetStage.WARN);
    }

    @Test
    void withoutALimitNothingIsTooMuch() {
        SlotBudget none = new SlotBudget(new BudgetPlan(null, STEPS, 10, List.of()));
        assertThat(none.look(new LogGauges(1L << 40, 1L << 40, true)).limit()).isNull();
        assertThat(none.look(new LogGauges(1L << 40, 1L << 40, true)).stage())
                .isEqualTo(BudgetStage.NONE);
        Reading allowed = none.look(new LogGauges(75, 75, true, 25L, 0));
        assertThat(allowed)
                .isEqualTo(new Reading(BudgetStage.NONE, BudgetStage.WARN, 100L, 75, false));
    }

    private BudgetStage stage(int percent) {
        return stage(percent, percent);
    }

    private BudgetStage stage(int percent, int lag) {
        return budget.look(new LogGauges(lag * 10L, percent * 10L, true)).stage();
    }
}
