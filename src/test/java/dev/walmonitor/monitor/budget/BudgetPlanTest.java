package dev.walmonitor.monitor.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.monitor.budget.BudgetPlan.Step;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import dev.walmonitor.source.TestSources;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BudgetPlanTest {
    private static final List<Rule> RULES =
            List.of(
                    rule("roles", "cache", "main"),
                    rule("listing", "cache", "main"),
                    rule("other", "cache", "shop"),
                    rule("told", "notify", "main"));

    @Test
    void withoutAWordThereIsOnlyTheWarningOfTheServersLimit() {
        assertThat(plan(Map.of(), 60, false))
                .isEqualTo(
                        new BudgetPlan(
                                null, List.of(new Step(BudgetStage.WARN, 60)), 10, List.of()));
        assertThat(plan(Map.of(), 60, true).steps())
                .containsExactly(new Step(BudgetStage.WARN, 60), new Step(BudgetStage.SPILL, 60));
        assertThat(faults(Map.of())).isEmpty();
    }

    @Test
    void everyStageHasItsKey() {
        Map<String, String> all =
                Map.of(
                        "size", "8G",
                        "warn-at", "50",
                        "spill-at", "60",
                        "invalidate-at", "70",
                        "invalidate-only", "roles, listing",
                        "give-up-at", "90",
                        "release", "5");
        assertThat(plan(all, 70, false))
                .isEqualTo(
                        new BudgetPlan(
                                8L << 30,
                                List.of(
                                        new Step(BudgetStage.WARN, 50),
                                        new Step(BudgetStage.SPILL, 60),
                                        new Step(BudgetStage.INVALIDATE, 70),
                                        new Step(BudgetStage.GIVE_UP, 90)),
                                5,
                                List.of("roles", "listing")));
        assertThat(faults(all)).isEmpty();
    }

    @Test
    void whatCannotBeIsToldAllAtOnceAndHowToMendIt() {
        assertThat(
                        faults(
                                Map.of(
                                        "size", "0",
                                        "spill-at", "60",
                                        "give-up-at", "101",
                                        "release", "70",
                                        "invalidate-only",
                                                "roels,told,other,roles,nothing-like-it")))
                .containsExactly(
                        "wal-monitor.sources.main.budget.size: expected at least 1 byte, got 0.",
                        "wal-monitor.sources.main.budget.spill-at: expected at least 70, which is warn-at, got 60; the"
                                + " stages come in the order warn, spill, invalidate, give up.",
                        "wal-monitor.sources.main.budget.give-up-at: expected a percentage from 1 to 100, got 101.",
                        "wal-monitor.sources.main.budget.release: expected a number from 1 to less than warn-at, which"
                                + " is 70, got 70.",
                        "wal-monitor.sources.main.budget.invalidate-only: there is no rule \"nothing-like-it\"; there"
                                + " is: listing, roles.",
                        "wal-monitor.sources.main.budget.invalidate-only: rule \"other\" listens to source shop; name"
                                + " it in that one's budget.",
                        "wal-monitor.sources.main.budget.invalidate-only: there is no rule \"roels\"; did you mean"
                                + " \"roles\"?",
                        "wal-monitor.sources.main.budget.invalidate-only: rule \"told\" has the action notify, and only"
                                + " cache rules can take keys away instead; leave it out. If it is slow, spill-at parks"
                                + " its changes.");
    }

    @Test
    void aSlotThatIsNotOursCannotBeGivenUp() {
        SourceConfig config =
                TestSources.main(Map.of("budget.give-up-at", "95", "manage", "false"));
        assertThat(BudgetPlan.of(config.budget(), 70, false).faults("main", config, RULES))
                .containsExactly(
                        "wal-monitor.sources.main.budget.give-up-at: the slot is not ours to make anew, as manage is"
                                + " false; leave it out, or let WAL Monitor manage the slot.");
    }

    private static BudgetPlan plan(Map<String, String> budget, int warnAt, boolean spills) {
        return BudgetPlan.of(config(budget).budget(), warnAt, spills);
    }

    private static List<String> faults(Map<String, String> budget) {
        return plan(budget, 70, false).faults("main", config(budget), RULES);
    }

    private static SourceConfig config(Map<String, String> budget) {
        Map<String, String> prefixed = new HashMap<>(Map.of("url", "postgresql://app@db/app"));
        budget.forEach((key, value) -> prefixed.put("budget." + key, value));
        return TestSources.main(prefixed);
    }

    private static Rule rule(String name, String action, String source) {
        Filter filter =
                new Filter(List.of(TablePattern.parse("t")), EnumSet.allOf(Operation.class));
        return new Rule(name, action, source, filter, Rule.Retry.DEFAULT);
    }
}
