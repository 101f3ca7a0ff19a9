package dev.walmonitor.monitor.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.pipeline.RuleStanding;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpillTest {

    private final FakePipelines pipelines = FakePipelines.empty();
    private final Spill spill = new Spill(pipelines);

    @Test
    void theRuleWithTheMostInMemoryIsParkedWhileTheSlotIsNearlyFull() {
        rule("main", "idle", null, 0);
        rule("main", "slow", null, 50);
        rule("main", "slower", null, 60);
        rule("main", "moving", "an operator", 70);
        rule("other", "slowest", null, 80);

        spill.parkOne("main", rule -> true);
        assertThat(pipelines.told())
                .containsExactly("main slower pause the replication slot was nearly full");
        rule("main", "slower", Spill.REASON, 0);
        spill.parkOne("main", rule -> true);
        assertThat(pipelines.told())
                .hasSize(2)
                .last()
                .isEqualTo("main slow pause the replication slot was nearly full");
    }

    @Test
    void rulesThatAreLeftOutAreNotParked() {
        rule("main", "slow", null, 50);
        rule("main", "slower", null, 60);

        spill.parkOne("main", rule -> !rule.equals("slower"));
        assertThat(pipelines.told())
                .containsExactly("main slow pause the replication slot was nearly full");
    }

    @Test
    void whatWasParkedGoesOnWhenTheSlotHasRoomAndNothingElseDoes() {
        rule("main", "slow", Spill.REASON, 0);
        rule("main", "moving", "an operator", 0);
        rule("other", "slow-too", Spill.REASON, 0);

        spill.parkOne("main", rule -> true);
        assertThat(pipelines.told()).isEmpty();
        spill.goOn("main", rule -> true, "the slot has room");
        assertThat(pipelines.told()).containsExactly("main slow resume");
    }

    private void rule(String source, String rule, @Nullable String paused, int open) {
        pipelines.run(new RuleStanding(source, rule, "notify", paused, false, open, 0, 0));
    }
}
