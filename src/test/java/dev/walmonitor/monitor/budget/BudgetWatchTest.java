package dev.walmonitor.monitor.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.TestSources;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BudgetWatchTest {
    private static final long MIB = 1L << 20;

    private final FakePipelines pipelines = FakePipelines.empty();
    private final List<String> invalidated = new ArrayList<>();
    private final List<String> records = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-01T10:00:00Z");
    private final BudgetWatch watch =
            new BudgetWatch(
                    "main",
                    BudgetPlan.of(
                            TestSources.main(
                                            Map.of(
                                                    "budget.size", "100M",
                                                    "budget.spill-at", "80",
                                                    "budget.invalidate-only", "roles,listing",
                                                    "budget.give-up-at", "95"))
                                    .budget(),
                            70,
                            false),
                    pipelines,
                    caches(),
                    records::add,
                    () -> now);

    /** Of which only one thing is asked. */
    private Caches caches() {
        return (Caches)
                Proxy.newProxyInstance(
                        Caches.class.getClassLoader(),
                        new Class<?>[] {Caches.class},
                        (proxy, method, values) -> {
                            assertThat(method.getName()).isEqualTo("invalidateOnly");
                            String said = values[0] + " " + sorted(values[1]);
                            if (invalidated.isEmpty() || !invalidated.getLast().equals(said)) {
                                invalidated.add(said);
                            }
                            return null;
                        });
    }

    private static List<String> sorted(Object names) {
        return ((java.util.Set<?>) names).stream().map(String::valueOf).sorted().toList();
    }

    @Test
    void stagesDoTheirWorkOneAfterTheOtherAndUndoIt() {
        rule("slow", null, 10);
        rule("roles", null, 20);
        look(96);
        assertThat(told()).isEmpty();
        assertThat(sentence())
                .isEqualTo("The slot keeps 96.0 MiB of log, 96 % of its budget of 100.0 MiB.");
        look(96);
        assertThat(told()).containsExactly("main roles pause the replication slot was nearly full");
        rule("roles", Spill.REASON, 0);
        look(96);
        assertThat(invalidated).containsExactly("main [listing, roles]");
        assertThat(told())
                .containsExactly(
                        "main roles pause the replication slot was nearly full",
                        "main roles resume",
                        "main slow pause the replication slot was nearly full");
        assertThat(sentence())
                .isEqualTo(
                        "The slot keeps 96.0 MiB of log, 96 % of its budget of 100.0 MiB. Rules that hold it up are"
                                + " parked, one after the other. Only taking keys away: listing, roles.");
        rule("roles", null, 0);
        rule("slow", Spill.REASON, 0);
        pipelines.answer(new Consent.Given("Slot s is given up."));
        look(96);
        String why =
                "The slot kept 96.0 MiB of log, 96 % of its budget of 100.0 MiB, and what was not done was given up.";
        assertThat(told()).last().isEqualTo("main give up: " + why);
        assertThat(records).containsExactly(why);
        assertThat(watch.standing().givenUpAt()).isEqualTo(now);
        assertThat(watch.standing().givenUp()).isEqualTo(why);
        look(96);
        assertThat(records).as("one at a time").hasSize(1);

        look(1);
        assertThat(invalidated).as("still at invalidate").hasSize(1);
        look(1);
        assertThat(invalidated).containsExactly("main [listing, roles]", "main []");
        assertThat(watch.standing().stage()).isEqualTo(BudgetStage.SPILL);
        look(1);
        assertThat(told()).last().isEqualTo("main slow resume");
        look(1);
        assertThat(watch.standing().stage()).isEqualTo(BudgetStage.NONE);
        assertThat(sentence()).isNull();
    }

    @Test
    void aSlotThatIsNotGivenUpIsAskedForAgainAndSaysWhy() {
        pipelines.answer(new Consent.Refused("Slot other keeps the same log.", "Drop it."));
        for (int i = 0; i < 4; i++) {
            look(97);
        }
        assertThat(watch.standing().kept()).isEqualTo("Slot other keeps the same log.");
        assertThat(watch.standing().remedy()).isEqualTo("Drop it.");
        assertThat(records).isEmpty();

        look(96);
        assertThat(sentence()).endsWith(" It is not given up: Slot other keeps the same log.");
        assertThat(told()).filteredOn(what -> what.startsWith("main give up")).hasSize(2);
        look(90);
        assertThat(told())
                .as("below its threshold it is not asked for")
                .filteredOn(what -> what.startsWith("main give up"))
                .hasSize(2);
        look(84);
        assertThat(watch.standing().kept()).isNull();
    }

    @Test
    void aSlotThatFillsAgainIsGivenUpAgainAfterAMinute() {
        pipelines.answer(new Consent.Given("Slot s is given up."));
        for (int i = 0; i < 5; i++) {
            look(97);
        }
        assertThat(records).hasSize(1);
        now = now.plus(Duration.ofMinutes(1));
        look(97);
        assertThat(records).hasSize(2);
    }

    @Test
    void whatAnotherInstanceFollowsIsLeftToIt() {
        for (int i = 0; i < 3; i++) {
            look(90);
        }
        assertThat(invalidated).containsExactly("main [listing, roles]");
        watch.look(false, new LogGauges(90 * MIB, 90 * MIB, true));
        assertThat(invalidated).containsExactly("main [listing, roles]", "main []");
        assertThat(watch.standing().stage()).isEqualTo(BudgetStage.NONE);
        watch.look(true, null);
        assertThat(watch.standing().stage()).isEqualTo(BudgetStage.NONE);
    }

    @Test
    void rulesThatAnEarlierProcessParkedGoOnWhenThereIsRoom() {
        rule("slow", Spill.REASON, 0);
        look(10);
        assertThat(told()).containsExactly("main slow resume");
        look(10);
        assertThat(told()).hasSize(1);
    }

    @Test
    void f45_aTransactionThatWasLeftOpenIsNamedAndNothingIsDone() {
        rule("slow", null, 10);
        for (int i = 0; i < 4; i++) {
            watch.look(true, new LogGauges(MIB, 99 * MIB, true));
        }
        assertThat(told()).isEmpty();
        assertThat(invalidated).isEmpty();
        assertThat(sentence())
                .isEqualTo(
                        "The slot keeps 99.0 MiB of log, 99 % of its budget of 100.0 MiB. A transaction that was left"
                                + " open holds most of it, which nothing of ours could free.");
    }

    private void look(int percent) {
        watch.look(true, new LogGauges(percent * MIB, percent * MIB, true));
    }

    private @Nullable String sentence() {
        return watch.standing().sentence();
    }

    private List<String> told() {
        return Objects.requireNonNull(pipelines.told());
    }

    private void rule(String rule, @Nullable String paused, int open) {
        pipelines.run(new RuleStanding("main", rule, "notify", paused, false, open, 0, 0));
    }
}
