package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a rule's order says of the lanes that its changes occupy. */
class OrderTest {
    private static final Transaction TRANSACTION = Events.transaction(16);
    private static final Relation ORDERS = Events.table("shop.orders", 2, 0);

    private static Set<Long> lanes(Rule.Order order) {
        Rule rule =
                new Rule(
                        "r",
                        "test",
                        "main",
                        new Filter(
                                List.of(TablePattern.parse("shop.*")), Set.of(Operation.values())),
                        Rules.RETRY,
                        Optional.empty(),
                        order,
                        false);
        RuleRunner runner =
                new RuleRunner(
                        rule,
                        new FakeHandler(),
                        8,
                        new ManualLoop(),
                        () -> TRANSACTION.time(),
                        () -> 0L,
                        new RuleMeters(new SimpleMeterRegistry(), "main", "r"),
                        (task, result, nanos) -> {});
        Watermark.Unit unit = new Watermark().begin(TRANSACTION, 0);
        Set<Long> lanes = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            lanes.add(
                    runner.accept(Events.insert(TRANSACTION, i, ORDERS, "" + i, "x"), unit, 1)
                            .lanes);
        }
        return lanes;
    }

    @Test
    void byKeyRowsAreSpreadByTableTheyAreNotAndWithoutOrderNothingWaits() {
        assertThat(lanes(Rule.Order.KEY)).hasSize(8);
        assertThat(lanes(Rule.Order.TABLE)).hasSize(1).noneMatch(lane -> lane == 0);
        assertThat(lanes(Rule.Order.NONE)).containsExactly(0L);
    }
}
