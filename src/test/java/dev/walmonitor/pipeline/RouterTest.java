package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final Transaction TRANSACTION = Events.transaction(16);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Router router = new Router("main", registry);
    private final Watermark.Unit unit = new Watermark().begin(TRANSACTION, 0);

    private RuleRunner add(String name, String tables, Operation... operations) {
        RuleRunner runner = runner(name, tables, operations);
        router.add(runner);
        return runner;
    }

    private RuleRunner runner(String name, String tables, Operation... operations) {
        return new RuleRunner(
                Rules.of(name, tables, Set.of(operations)),
                new FakeHandler(),
                8,
                new ManualLoop(),
                () -> TRANSACTION.time(),
                () -> 0L,
                new RuleMeters(registry, "main", name),
                (task, result, nanos) -> {});
    }

    private RuleRunner[] route(Relation relation, Operation operation) {
        return router.route(relation).runners(operation);
    }

    /** Whether the rule's next change of the table would wait for all before it. */
    private boolean isBarrier(RuleRunner runner, Relation relation) {
        RowChange change = Events.insert(TRANSACTION, 0, relation, "1", "x");
        return Long.bitCount(runner.accept(change, unit, 1).lanes) == 8;
    }

    @Test
    void aChangeGoesToEachRuleThatWantsItsTableAndItsOperation() {
        RuleRunner all = add("all", "shop.*", Operation.values());
        RuleRunner deletes = add("deletes", "shop.orders", Operation.DELETE);
        RuleRunner others = add("others", "crm.*", Operation.values());
        Relation orders = Events.table("shop.orders", 2, 0);

        assertThat(route(orders, Operation.DELETE)).containsExactly(all, deletes);
        assertThat(route(orders, Operation.INSERT)).containsExactly(all);
        assertThat(route(Events.table("crm.calls", 2, 0), Operation.INSERT))
                .containsExactly(others);
        assertThat(route(Events.table("hr.people", 2, 0), Operation.INSERT)).isEmpty();
    }

    @Test
    void aSourceIsToldWhichChangesAnybodyWants() {
        router.add(runner("deletes", "shop.orders", Operation.DELETE));
        Relation orders = Events.table("shop.orders", 2, 0);

        assertThat(router.wants(orders, Operation.DELETE)).isTrue();
        assertThat(router.wants(orders, Operation.INSERT)).isFalse();
        assertThat(router.wants(Events.table("shop.lines", 2, 0), Operation.DELETE)).isFalse();
    }

    @Test
    void aRuleThatIsAddedIsFoundOnTheNextRoute() {
        Relation orders = Events.table("shop.orders", 2, 0);
        assertThat(route(orders, Operation.INSERT)).isEmpty();
        int version = router.version();

        RuleRunner late = add("late", "shop.*", Operation.INSERT);

        assertThat(router.version()).isNotEqualTo(version);
        assertThat(route(orders, Operation.INSERT)).containsExactly(late);
        assertThat(isBarrier(late, orders)).as("the table is the same as before").isFalse();
    }

    @Test
    void aTableThatIsSeenForTheFirstTimeIsNoBarrier() {
        RuleRunner runner = add("all", "shop.*", Operation.values());
        Relation orders = Events.table("shop.orders", 2, 0);
        assertThat(route(orders, Operation.INSERT)).containsExactly(runner);

        assertThat(isBarrier(runner, orders)).isFalse();
    }

    @Test
    void aTableThatChangedIsABarrierForTheRulesThatWantItAndNoOther() {
        RuleRunner runner = add("all", "shop.*", Operation.values());
        RuleRunner deletes = add("deletes", "shop.*", Operation.DELETE);
        RuleRunner other = add("other", "crm.*", Operation.values());
        Relation before = Events.table("shop.orders", 2, 0);
        Relation after = Events.table("shop.orders", 2, 0);
        assertThat(route(before, Operation.INSERT)).containsExactly(runner);
        assertThat(route(after, Operation.INSERT)).containsExactly(runner);

        assertThat(isBarrier(runner, after)).isTrue();
        assertThat(isBarrier(runner, after)).as("once").isFalse();
        assertThat(isBarrier(deletes, after)).as("though it was an insert").isTrue();
        assertThat(isBarrier(other, after)).isFalse();
    }

    @Test
    void aTableThatChangedWhileAnotherWasBusyIsABarrierToo() {
        RuleRunner runner = add("all", "shop.*", Operation.values());
        Relation lines = Events.table("shop.lines", 2, 0);
        Relation before = Events.table("shop.orders", 2, 0);
        Relation after = Events.table("shop.orders", 2, 0);
        for (Relation relation : new Relation[] {before, lines, after, lines}) {
            assertThat(route(relation, Operation.INSERT)).containsExactly(runner);
        }

        assertThat(isBarrier(runner, lines)).isFalse();
        assertThat(route(after, Operation.INSERT)).containsExactly(runner);
        assertThat(isBarrier(runner, after)).isTrue();
        assertThat(isBarrier(runner, after)).isFalse();
    }

    @Test
    void countsByTableAndEvent() {
        router.add(runner("all", "shop.*", Operation.values()));
        Router.Route route = router.route(Events.table("shop.orders", 2, 0));
        route.count(Operation.INSERT);
        route.count(Operation.INSERT);
        route.count(Operation.TRUNCATE);

        assertThat(changes("insert")).isEqualTo(2);
        assertThat(changes("truncate")).isEqualTo(1);
        assertThat(changes("delete")).isZero();
    }

    private double changes(String event) {
        return registry.get("wal_monitor_changes")
                .tags("source", "main", "table", "shop.orders", "event", event)
                .counter()
                .count();
    }
}
