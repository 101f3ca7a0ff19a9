package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RuleIndexTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private RuleRunner runner(String name, String... tables) {
        List<TablePattern> patterns = new ArrayList<>();
        for (String table : tables) {
            patterns.add(TablePattern.parse(table));
        }
        return new RuleRunner(
                new Rule(
                        name,
                        "test",
                        "main",
                        new Filter(patterns, Set.of(Operation.values())),
                        Rules.RETRY),
                new FakeHandler(),
                8,
                new ManualLoop(),
                () -> Events.transaction(1).time(),
                () -> 0L,
                new RuleMeters(registry, "main", "r"),
                (task, result, nanos) -> {});
    }

    @Test
    void findsEachRuleOnceInTheOrderOfTheirAdding() {
        RuleRunner glob = runner("glob", "shop.*");
        RuleRunner both = runner("both", "shop.orders", "shop.o*", "shop.orders");
        RuleRunner exact = runner("exact", "shop.orders", "crm.calls");
        RuleRunner other = runner("other", "crm.*");
        RuleIndex index = RuleIndex.EMPTY.with(List.of(glob, both)).with(List.of(exact, other));

        assertThat(index.of(TableName.parse("shop.orders"))).containsExactly(glob, both, exact);
        assertThat(index.of(TableName.parse("crm.calls"))).containsExactly(exact, other);
        assertThat(index.of(TableName.parse("hr.people"))).isEmpty();
        assertThat(index.all()).containsExactly(glob, both, exact, other);
    }

    @Test
    void tenThousandRulesOverAThousandTablesCostATableItsOwnAndTheGlobs() {
        List<RuleRunner> rules =
                new ArrayList<>(
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> runner("r" + i, "public.t" + i % 1000))
                                .toList());
        rules.add(runner("glob", "audit.*"));
        RuleIndex index = RuleIndex.EMPTY.with(rules);

        assertThat(index.candidates(TableName.parse("public.t7"))).isEqualTo(10 + 1);
        assertThat(index.of(TableName.parse("public.t7"))).hasSize(10);
        assertThat(index.candidates(TableName.parse("public.quiet"))).isEqualTo(1);
        assertThat(index.of(TableName.parse("public.quiet"))).isEmpty();
    }

    @Test
    void aRouteIsWorkedOutOnceARelationAndHoldsOnlyTheRulesThatWantIt() {
        Router router = new Router("main", registry);
        router.addAll(
                IntStream.range(0, 1000).mapToObj(i -> runner("r" + i, "public.t" + i)).toList());
        Relation busy = Events.table("public.t7", 2, 0);
        Relation quiet = Events.table("public.quiet", 2, 0);

        assertThat(router.route(busy).runners(Operation.UPDATE)).hasSize(1);
        assertThat(router.route(busy)).isSameAs(router.route(busy));
        assertThat(router.route(quiet).runners(Operation.UPDATE)).isEmpty();
        assertThat(router.wants(busy, Operation.UPDATE)).isTrue();
        assertThat(router.wants(quiet, Operation.UPDATE)).isFalse();
    }
}
