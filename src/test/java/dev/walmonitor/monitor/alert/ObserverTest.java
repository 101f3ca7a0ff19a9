package dev.walmonitor.monitor.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.handler.Caches.CacheView;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.monitor.alert.Finding.Fine;
import dev.walmonitor.monitor.alert.Finding.Unknown;
import dev.walmonitor.monitor.alert.Finding.Verdict;
import dev.walmonitor.monitor.alert.Finding.Wrong;
import dev.walmonitor.monitor.budget.BudgetStage;
import dev.walmonitor.monitor.budget.BudgetStanding;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObserverTest {
    private static final long GIB = 1L << 30;

    private final Observer observer = new Observer(Settings.DEFAULT);
    private Instant now = Statuses.SINCE;
    private BudgetStanding budget = BudgetStanding.unseen(null, 70);
    private Statuses status = Statuses.streaming("main");
    private @Nullable LogGauges gauges = new LogGauges(0, 0, true, 10 * GIB, 0);

    @Test
    void nothingIsWrongWithASourceThatStreams() {
        assertThat(verdicts()).containsOnly(new Fine());
        status = status.in(SourceState.IDLE);
        assertThat(verdicts()).containsOnly(new Fine());
        status = status.in(SourceState.STOPPING);
        assertThat(verdicts()).containsOnly(new Fine());
    }

    @Test
    void aStateInWhichNothingComesIsToldWithItsRemedy() {
        status = status.failing(SourceState.SLOT_LOST, "The slot is gone.", "Make it anew.");
        assertThat(verdict(AlertKind.NOT_STREAMING))
                .isEqualTo(
                        new Wrong(
                                "The source \"main\" is SLOT_LOST since 2026-11-01T10:00:00Z: The slot is gone.",
                                "Make it anew."));
        status = Statuses.streaming("main").in(SourceState.STALLED);
        assertThat(verdict(AlertKind.NOT_STREAMING))
                .isEqualTo(
                        new Wrong(
                                "The source \"main\" is STALLED since 2026-11-01T10:00:00Z.",
                                "It goes on by itself when the cause is gone; GET /api/v1/replication/main/status"
                                        + " tells more."));
    }

    @Test
    void lagIsToldFromItsLimitOn() {
        gauges = new LogGauges(GIB - 1, 0, true);
        assertThat(verdict(AlertKind.LAG)).isEqualTo(new Fine());
        gauges = new LogGauges(GIB + GIB / 2, 0, true);
        assertThat(verdict(AlertKind.LAG))
                .isEqualTo(
                        new Wrong(
                                "The source \"main\" is 1.5 GiB behind: so much log was written and is not confirmed.",
                                "See in GET /api/v1/rules which rule has the most in memory or parked, and mend or"
                                        + " pause what it calls."));
    }

    @Test
    void whatADatabaseDoesNotTellIsUnknown() {
        gauges = null;
        assertThat(verdict(AlertKind.LAG)).isEqualTo(new Unknown());
        assertThat(verdict(AlertKind.RETAINED_WAL)).isEqualTo(new Unknown());
        assertThat(verdict(AlertKind.SLOT_INACTIVE)).isEqualTo(new Unknown());
    }

    @Test
    void aSlotThatIsNearlyFullIsToldWithWhatHoldsTheLog() {
        gauges = new LogGauges(7 * GIB, 7 * GIB, true, 3 * GIB, 0);
        assertThat(verdict(AlertKind.RETAINED_WAL))
                .isEqualTo(
                        new Wrong(
                                "The database keeps 7.0 GiB of log for the slot \"slot\", of 10.0 GiB that"
                                        + " max_slot_wal_keep_size allows.",
                                "Mend what keeps WAL Monitor from confirming (GET /api/v1/rules tells which rule is"
                                        + " behind). To gain time: ALTER SYSTEM SET max_slot_wal_keep_size = '…'; SELECT"
                                        + " pg_reload_conf();"));
        gauges = new LogGauges(0, 7 * GIB, true, 3 * GIB, 0);
        assertThat(((Wrong) verdict(AlertKind.RETAINED_WAL)).remedy())
                .isEqualTo(
                        "A transaction that was left open holds most of it; find and end it: SELECT pid, xact_start,"
                                + " query FROM pg_stat_activity WHERE xact_start < now() - interval '10 minutes'; To"
                                + " gain time: ALTER SYSTEM SET max_slot_wal_keep_size = '…'; SELECT pg_reload_conf();");
        gauges = new LogGauges(0, 100 * GIB, true, null, 0);
        assertThat(verdict(AlertKind.RETAINED_WAL)).as("no limit").isEqualTo(new Fine());
    }

    @Test
    void aBudgetOfItsOwnCountsInsteadOfTheServersLimit() {
        budget = BudgetStanding.unseen(8 * GIB, 50);
        gauges = new LogGauges(4 * GIB, 4 * GIB, true, null, 0);
        assertThat(verdict(AlertKind.RETAINED_WAL))
                .isEqualTo(
                        new Wrong(
                                "The database keeps 4.0 GiB of log for the slot \"slot\", of 8.0 GiB that its budget"
                                        + " allows.",
                                "Mend what keeps WAL Monitor from confirming (GET /api/v1/rules tells which rule is"
                                        + " behind)."));
        gauges = new LogGauges(3 * GIB, 3 * GIB, true, 100 * GIB, 0);
        assertThat(verdict(AlertKind.RETAINED_WAL)).isEqualTo(new Fine());
    }

    @Test
    void theStagesOfABudgetAreToldWithWhatFollows() {
        budget = standing(BudgetStage.INVALIDATE, null, null);
        assertThat(verdict(AlertKind.SLOT_SPILL)).as("not asked for").isEqualTo(new Fine());
        assertThat(verdict(AlertKind.SLOT_INVALIDATE))
                .isEqualTo(
                        new Wrong(
                                "Source \"main\": It keeps much.",
                                "Keys of these rules are missing until the slot has room; then they are filled. Mend it."));
        budget = standing(BudgetStage.WARN, null, null);
        assertThat(verdict(AlertKind.SLOT_INVALIDATE)).isEqualTo(new Fine());
    }

    @Test
    void aSlotThatWasGivenUpIsToldForAnHour() {
        budget = standing(BudgetStage.NONE, null, now);
        assertThat(verdict(AlertKind.SLOT_GIVEN_UP))
                .isEqualTo(
                        new Wrong(
                                "It kept too much. That was at 2026-11-01T10:00:00Z.",
                                "Caches are made anew. What other rules have missed is a gap on record"
                                        + " (wal_monitor.gap). Find in GET /api/v1/rules what held the slot up, or it"
                                        + " fills again."));
        now = now.plus(Duration.ofHours(1));
        assertThat(verdict(AlertKind.SLOT_GIVEN_UP)).isEqualTo(new Fine());
    }

    @Test
    void aSlotThatCannotBeGivenUpIsToldWithTheReason() {
        budget = standing(BudgetStage.GIVE_UP, "Slot other keeps the same log.", null);
        assertThat(verdict(AlertKind.SLOT_KEPT))
                .isEqualTo(
                        new Wrong(
                                "The slot of source \"main\" has used up 97 % of its budget, and is not given up: Slot"
                                        + " other keeps the same log.",
                                "Mend it."));
    }

    private BudgetStanding standing(
            BudgetStage stage, @Nullable String kept, @Nullable Instant givenUpAt) {
        return new BudgetStanding(
                GIB,
                70,
                Set.of(BudgetStage.WARN, BudgetStage.INVALIDATE, BudgetStage.GIVE_UP),
                stage,
                now,
                GIB,
                97,
                "It keeps much.",
                kept,
                "Mend it.",
                givenUpAt,
                givenUpAt == null ? null : "It kept too much.");
    }

    @Test
    void aSlotThatWillSoonBeLostIsToldWithTheTimeThatIsLeft() {
        for (int gib = 1; gib <= 3; gib++) {
            gauges = new LogGauges(gib * GIB, gib * GIB, true, (100 - gib) * GIB, 0);
            var _ = verdict(AlertKind.RETAINED_WAL);
            now = now.plus(Duration.ofSeconds(60));
        }
        gauges = new LogGauges(4 * GIB, 4 * GIB, true, 96 * GIB, 0);
        assertThat(verdict(AlertKind.RETAINED_WAL)).as("96 minutes").isEqualTo(new Fine());

        now = now.plus(Duration.ofSeconds(60));
        gauges = new LogGauges(20 * GIB, 20 * GIB, true, 80 * GIB, 0);
        assertThat(((Wrong) verdict(AlertKind.RETAINED_WAL)).sentence())
                .isEqualTo(
                        "The database keeps 20.0 GiB of log for the slot \"slot\", of 100.0 GiB that"
                                + " max_slot_wal_keep_size allows; at the rate of the last minutes the slot is lost in"
                                + " about 16 minutes.");

        now = now.plus(Duration.ofMinutes(11));
        assertThat(verdict(AlertKind.RETAINED_WAL))
                .as("what is old does not count")
                .isEqualTo(new Fine());
    }

    @Test
    void aSlotToWhichNobodyIsConnectedIsTold() {
        gauges = new LogGauges(0, 2048, false);
        assertThat(verdict(AlertKind.SLOT_INACTIVE))
                .isEqualTo(
                        new Wrong(
                                "Nobody is connected to the slot \"slot\" of the source \"main\", and the database keeps"
                                        + " 2.0 KiB of log for it.",
                                "GET /api/v1/replication/main/status tells what keeps WAL Monitor from it. If the slot"
                                        + " is not needed any more: SELECT pg_drop_replication_slot('slot');"));
    }

    @Test
    void aRuleThatDoesNothingAnyMoreIsTold() {
        RuleStanding gone =
                new RuleStanding(
                        "main",
                        "hook",
                        "webhook",
                        null,
                        false,
                        0,
                        0,
                        0,
                        "shop.example answered 410, it wants no more webhooks.");
        assertThat(
                        observer.look(
                                status.now(),
                                "slot",
                                gauges,
                                budget,
                                List.of(gone),
                                List.of(),
                                now))
                .contains(
                        new Finding(
                                key(AlertKind.RULE_DISABLED, "hook"),
                                new Wrong(
                                        "The rule \"hook\" is disabled: shop.example answered 410, it wants no more"
                                                + " webhooks.",
                                        "Take the rule out, or correct it, and start WAL Monitor again. What it left out"
                                                + " can be replayed, if a rule archived it."),
                                true));
    }

    @Test
    void deadLettersAndWrongKeysAreToldByRule() {
        List<RuleStanding> rules =
                List.of(
                        new RuleStanding("main", "fine", "notify", null, false, 0, 9, 0),
                        new RuleStanding("main", "told", "notify", null, false, 0, 0, 3),
                        new RuleStanding("other", "told", "notify", null, false, 0, 0, 9));
        List<CacheView> caches =
                List.of(cache("roles", 0.025), cache("new", Double.NaN), cache("right", 0));

        assertThat(observer.look(status.now(), "slot", gauges, budget, rules, caches, now))
                .contains(
                        new Finding(key(AlertKind.DEAD_LETTERS, "fine"), new Fine(), true),
                        new Finding(
                                key(AlertKind.DEAD_LETTERS, "told"),
                                new Wrong(
                                        "The rule \"told\" has given up 3 changes.",
                                        "GET /api/v1/dead-letters?rule=told tells why; then POST"
                                                + " /api/v1/dead-letters/retry or /discard."),
                                true),
                        new Finding(
                                key(AlertKind.CACHE_DIVERGENCE, "roles"),
                                new Wrong(
                                        "Of the keys of rule \"roles\" that were last audited, 2.5 % were wrong.",
                                        "Find out who else writes these keys, or whether Redis lost data. POST"
                                                + " /api/v1/caches/roles/rebuild makes all of them anew."),
                                true),
                        new Finding(key(AlertKind.CACHE_DIVERGENCE, "new"), new Unknown(), true),
                        new Finding(key(AlertKind.CACHE_DIVERGENCE, "right"), new Fine(), true))
                .hasSize(15);
    }

    @Test
    void aRowInErrorIsToldWithTheWayToItsListener() {
        assertThat(Observer.error("orders", "Slot lost.", false).fact()).isTrue();
        assertThat(Observer.error("main", null, true).fact()).isFalse();
        assertThat(Observer.error("orders", "Slot lost.", false).verdict())
                .isEqualTo(
                        new Wrong(
                                "The monitor row of the source \"orders\" says ERROR: Slot lost.",
                                "Look at the listener of this source; GET /api/v1/wal-monitor/sources/orders tells what"
                                        + " it said last."));
        assertThat(Observer.error("main", null, true).verdict())
                .isEqualTo(
                        new Wrong(
                                "The monitor row of the source \"main\" says ERROR.",
                                "GET /api/v1/replication/main/status tells what mends it."));
    }

    private static AlertKey key(AlertKind kind, String rule) {
        return new AlertKey("main", kind, rule);
    }

    private static CacheView cache(String rule, double divergence) {
        return new CacheView(
                rule,
                "main",
                "query",
                List.of(),
                "filled",
                null,
                0,
                null,
                null,
                Duration.ZERO,
                divergence);
    }

    private List<Verdict> verdicts() {
        return observer
                .look(status.now(), "slot", gauges, budget, List.of(), List.of(), now)
                .stream()
                .map(Finding::verdict)
                .toList();
    }

    private Verdict verdict(AlertKind kind) {
        return observer
                .look(status.now(), "slot", gauges, budget, List.of(), List.of(), now)
                .stream()
                .filter(finding -> finding.key().kind() == kind)
                .findFirst()
                .orElseThrow()
                .verdict();
    }
}
