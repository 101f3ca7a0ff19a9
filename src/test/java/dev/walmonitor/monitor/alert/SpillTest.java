package dev.walmonitor.monitor.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.LogGauges;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpillTest {
    private static final Set<AlertKey> FULL =
            Set.of(new AlertKey("main", AlertKind.RETAINED_WAL, ""));
    private static final LogGauges BEHIND = new LogGauges(900, 1000, true, 100L, 0);

    private final FakePipelines pipelines = FakePipelines.empty();
    private final Spill spill = new Spill(pipelines);

    @Test
    void theRuleWithTheMostInMemoryIsParkedWhileTheSlotIsNearlyFull() {
        rule("main", "idle", null, 0);
        rule("main", "slow", null, 50);
        rule("main", "slower", null, 60);
        rule("main", "moving", "an operator", 70);
        rule("other", "slowest", null, 80);

        spill.look("main", BEHIND, FULL);
        assertThat(pipelines.told())
                .containsExactly("main slower pause the replication slot was nearly full");
        rule("main", "slower", Spill.REASON, 0);
        spill.look("main", BEHIND, FULL);
        assertThat(pipelines.told())
                .hasSize(2)
                .last()
                .isEqualTo("main slow pause the replication slot was nearly full");
    }

    @Test
    void whatAnOpenTransactionHoldsIsNoReason() {
        rule("main", "slow", null, 50);

        spill.look("main", new LogGauges(400, 1000, true, 100L, 0), FULL);
        spill.look("main", null, FULL);
        assertThat(pipelines.told()).isEmpty();
    }

    @Test
    void whatWasParkedGoesOnWhenTheSlotHasRoomAndNothingElseDoes() {
        rule("main", "slow", Spill.REASON, 0);
        rule("main", "moving", "an operator", 0);
        rule("other", "slow-too", Spill.REASON, 0);

        spill.look("main", BEHIND, FULL);
        assertThat(pipelines.told()).isEmpty();
        spill.look("main", BEHIND, Set.of());
        assertThat(pipelines.told()).containsExactly("main slow resume");
    }

    private void rule(String source, String rule, @Nullable String paused, int open) {
        pipelines.run(new RuleStanding(source, rule, "notify", paused, false, open, 0, 0));
    }
}
