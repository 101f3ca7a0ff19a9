package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What becomes of changes that a rule cannot do; the orders of it all, {@link PipelineModelTest}.
 */
class ParkingTest {
    private static final Relation TABLE = Events.table("t", 2, 0);

    private final TestLine line = new TestLine();
    private final MemoryParking parking = new MemoryParking();
    private final Picky picky = new Picky();

    /** Does what it is given at once, but for rows that it cannot stand. */
    private static final class Picky extends FakeHandler {
        private final Set<String> bad = new HashSet<>();
        private final List<String> done = new ArrayList<>();
        private boolean permanent;
        private boolean down;
        private @Nullable String mark;

        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            begun.add(change.id().toString());
            String key = String.valueOf(change.row() == null ? "" : change.row().text("a"));
            if (down || bad.contains(key)) {
                return Uni.createFrom().failure(new SinkException("no luck", !permanent));
            }
            done.add(change.id() + "@" + change.transaction().xid());
            return Uni.createFrom().item(HandlerResult.of("did").with("key", key));
        }

        @Override
        public boolean ordered() {
            return mark == null;
        }

        @Override
        public @Nullable String coalescedBy(RowChange change) {
            return mark;
        }
    }

    private void start() {
        line.parking = parking;
        line.use("r", picky);
        line.start();
        line.source.tell(Events.resumed(1));
    }

    private void change(long commit, String key) {
        Transaction transaction = Events.transaction(commit);
        line.transaction(transaction, Events.insert(transaction, 0, TABLE, key, "x"));
    }

    private String confirmed() {
        return line.source.confirmed.isEmpty() ? "" : line.source.confirmed.getLast();
    }

    private void give(int attempts, Rule.Exhausted exhausted) {
        line.retry(
                "r",
                new Rule.Retry(Duration.ofMillis(100), Duration.ofSeconds(1), attempts, exhausted));
    }

    @Test
    void aChangeThatFailsIsParkedAndLetsOtherKeysAndTheSlotGoOn() {
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        change(0x20, "bad");
        change(0x30, "good");
        line.loop.pass(Duration.ofSeconds(2));

        assertThat(picky.done).containsExactly("0/30:0@48");
        assertThat(parking.waiting("r").stream().map(row -> row.change().id().toString()))
                .containsExactly("0/10:0", "0/20:0");
        assertThat(confirmed()).isEqualTo("0/31");
        assertThat(line.gauge("wal_monitor_parked", "r", "parked")).isEqualTo(2);
        assertThat(line.rule("r").seen())
                .isEqualTo(new RuleStanding("main", "r", "test", null, false, 0, 2, 0));
    }

    @Test
    void whatIsParkedIsDoneInOrderWhenItCanBe() {
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        change(0x20, "bad");
        line.loop.pass(Duration.ofSeconds(5));
        picky.bad.clear();
        change(0x30, "bad");
        line.loop.pass(Duration.ofSeconds(5));

        assertThat(picky.done).containsExactly("0/10:0@16", "0/20:0@32", "0/30:0@48");
        assertThat(parking.rows()).isEmpty();
        assertThat(line.told).contains("r 0/10:0 did key=bad");
    }

    /** What is under way comes first, what comes later of the same row last. */
    @Test
    void f37_whatIsReplayedIsDoneInItsOrderBetweenWhatIsUnderWayAndWhatComesLater() {
        FakeHandler slow = new FakeHandler();
        List<String> durable = new ArrayList<>();
        line.parking = parking;
        line.use("r", slow);
        line.start();
        line.source.tell(Events.resumed(1));
        change(0x40, "a");
        assertThat(
                        line.rule("r")
                                .replay(
                                        List.of(was(0x10, "a"), was(0x20, "a")),
                                        shape -> true,
                                        () -> durable.add("all")))
                .isTrue();
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(durable).containsExactly("all");
        change(0x50, "a");
        change(0x60, "b");
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(slow.begun).containsExactly("0/40:0", "0/60:0");

        for (String next : List.of("0/40:0", "0/60:0", "0/10:0", "0/20:0", "0/50:0")) {
            slow.finish(next);
            line.loop.pass(Duration.ofSeconds(1));
        }
        assertThat(slow.begun).containsExactly("0/40:0", "0/60:0", "0/10:0", "0/20:0", "0/50:0");
        assertThat(parking.rows()).isEmpty();
        assertThat(confirmed()).isEqualTo("0/61");
    }

    private static RowChange was(long commit, String key) {
        return Events.insert(Events.transaction(commit), 0, TABLE, key, "x");
    }

    @Test
    void outOfAttemptsIsADeadLetterAndLetsItsKeyGoOn() {
        give(5, Rule.Exhausted.DEAD_LETTER);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofSeconds(20));
        picky.bad.clear();
        change(0x20, "bad");
        line.loop.pass(Duration.ofSeconds(5));

        assertThat(picky.begun)
                .containsExactly("0/10:0", "0/10:0", "0/10:0", "0/10:0", "0/10:0", "0/20:0");
        assertThat(parking.rows()).hasSize(1).allMatch(row -> row.dead() && row.attempts() == 5);
        assertThat(line.gauge("wal_monitor_parked", "r", "dead")).isEqualTo(1);
        assertThat(line.gauge("wal_monitor_parked", "r", "parked")).isZero();
    }

    @Test
    void onlyAttemptMakesADeadLetterAtOnce() {
        give(1, Rule.Exhausted.DEAD_LETTER);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofSeconds(2));

        assertThat(picky.begun).containsExactly("0/10:0");
        assertThat(parking.rows()).hasSize(1).allMatch(ParkedChange::dead);
        assertThat(confirmed()).isEqualTo("0/11");
    }

    @Test
    void whatIsToBeDroppedIsForgotten() {
        give(4, Rule.Exhausted.DROP);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(picky.begun).hasSize(4);
        assertThat(parking.rows()).isEmpty();
        assertThat(confirmed()).isEqualTo("0/11");
    }

    @Test
    void aRuleThatIsToStopIsPausedWithTheReasonAndParksOn() {
        give(2, Rule.Exhausted.STOP);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofSeconds(5));
        change(0x20, "good");
        line.loop.pass(Duration.ofSeconds(5));

        assertThat(parking.paused)
                .containsEntry("r", "change 0/10:0 of public.t failed 2 times: no luck");
        assertThat(picky.done).isEmpty();
        assertThat(parking.waiting("r")).hasSize(2);
        assertThat(confirmed()).isEqualTo("0/21");

        picky.bad.clear();
        line.rule("r").resume();
        line.loop.pass(Duration.ofSeconds(5));
        assertThat(picky.done).containsExactly("0/10:0@16", "0/20:0@32");
        assertThat(parking.paused).isEmpty();
    }

    @Test
    void aRuleThatIsPausedSaysSoThoughNothingComes() {
        start();
        line.rule("r").pause("moving house");
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(line.rule("r").seen().paused()).isEqualTo("moving house");

        line.rule("r").resume();
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(line.rule("r").seen())
                .isEqualTo(new RuleStanding("main", "r", "test", null, false, 0, 0, 0));
    }

    @Test
    void whatWaitingCannotHelpIsParkedAtOnceAndGivenUpAfterTenAttempts() {
        picky.permanent = true;
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        assertThat(picky.begun).hasSize(1);
        assertThat(parking.waiting("r")).hasSize(1);
        line.loop.pass(Duration.ofMinutes(1));

        assertThat(picky.begun).hasSize(10);
        assertThat(parking.rows()).hasSize(1).allMatch(ParkedChange::dead);
    }

    @Test
    void nothingOfACacheIsGivenUp() {
        picky.permanent = true;
        picky.rebuilds = true;
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofMinutes(1));

        assertThat(picky.begun).hasSizeGreaterThan(20);
        assertThat(parking.waiting("r")).hasSize(1);
    }

    @Test
    void aRuleWhoseOtherEndIsDownKnocksAndDoesNotHammer() {
        picky.down = true;
        start();
        for (int i = 1; i <= 2_000; i++) {
            change(0x10L * i, "key" + i);
        }
        line.loop.pass(Duration.ofSeconds(3));
        assertThat(parking.waiting("r")).hasSize(2_000);
        picky.begun.clear();
        line.loop.pass(Duration.ofSeconds(30));
        assertThat(picky.begun).hasSizeBetween(20, 60);

        picky.down = false;
        line.loop.pass(Duration.ofSeconds(30));
        assertThat(picky.done).hasSize(2_000);
        assertThat(parking.rows()).isEmpty();
        assertThat(line.rule("r").seen())
                .isEqualTo(new RuleStanding("main", "r", "test", null, false, 0, 0, 0));
        assertThat(line.barrier(0x10, Duration.ofSeconds(1), "r").assertCompleted().getItem())
                .isInstanceOf(Barrier.Applied.class);
        change(0x10L * 3_000, "after");
        assertThat(picky.done).hasSize(2_001);
    }

    @Test
    void whatCanBeDoneTogetherIsParkedAsOneForAllItsTransactions() {
        picky.mark = "the one key";
        picky.down = true;
        start();
        for (int i = 1; i <= 500; i++) {
            change(0x10L * i, "key" + i);
        }
        line.loop.pass(Duration.ofSeconds(2));
        assertThat(parking.waiting("r")).hasSize(1);
        assertThat(confirmed()).isEqualTo("0/1F41");

        picky.down = false;
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(picky.done)
                .hasSize(500)
                .contains("0/1F40:0@16", "0/1F40:0@8000")
                .allMatch(done -> done.startsWith("0/1F40:0@"));
        assertThat(parking.rows()).isEmpty();
    }

    @Test
    void nothingIsHandledBeforeWhatIsParkedIsKnown() {
        parking.failure = new IllegalStateException("away");
        start();
        change(0x10, "good");
        line.loop.pass(Duration.ofSeconds(3));
        assertThat(picky.begun).isEmpty();

        parking.failure = null;
        line.loop.pass(Duration.ofSeconds(2));
        assertThat(picky.done).containsExactly("0/10:0@16");
    }

    @Test
    void whileTheStoreIsAwayNothingIsConfirmedAndTheIntakeStopsAtTheBound() {
        line.bounds = new Pipeline.Bounds(10, 1 << 20);
        picky.bad.add("bad");
        start();
        parking.failure = new IllegalStateException("away");
        for (int i = 1; i <= 20; i++) {
            change(0x10L * i, "bad");
        }
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(confirmed()).isIn("", "0/1");
        assertThat(line.pipeline().status().inFlight()).isBetween(10, 20);

        parking.failure = null;
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(confirmed()).isEqualTo("0/141");
        assertThat(parking.waiting("r")).hasSize(20);
        line.assertQuiet();
    }

    @Test
    void aBarrierSaysAtOnceThatSomethingIsParkedGivenUpOrPaused() {
        give(3, Rule.Exhausted.DEAD_LETTER);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        var waits = line.barrier(0x20, Duration.ofSeconds(30), "r");
        change(0x20, "good");
        line.loop.pass(Duration.ofSeconds(5));

        assertThat(waits.assertCompleted().getItem()).isInstanceOf(Barrier.Blocked.class);
        assertThat(line.barrier(0x18, Duration.ofSeconds(30), "r").assertCompleted().getItem())
                .isInstanceOfSatisfying(
                        Barrier.Blocked.class,
                        blocked ->
                                assertThat(blocked.rules())
                                        .singleElement()
                                        .returns(1L, Barrier.Standing::dead));
        assertThat(line.barrier(0x8, Duration.ofSeconds(30), "r").assertCompleted().getItem())
                .isInstanceOf(Barrier.Applied.class);
    }

    @Test
    void whenSomebodyRetriedDeadLettersTheyAreDone() {
        give(1, Rule.Exhausted.DEAD_LETTER);
        picky.bad.add("bad");
        start();
        change(0x10, "bad");
        line.loop.pass(Duration.ofSeconds(2));
        picky.bad.clear();
        parking.retryAll();
        line.rule("r").parkedChanged();
        line.loop.pass(Duration.ofSeconds(2));

        assertThat(picky.done).containsExactly("0/10:0@16");
        assertThat(line.rule("r").seen().dead()).isZero();
    }

    @Test
    void theRuleThatHoldsUpTheIntakeParksWhatItHas() {
        line.bounds = new Pipeline.Bounds(200, 1 << 20);
        FakeHandler slow = line.handler("slow", "*");
        start();
        for (int i = 1; i <= 900; i++) {
            change(0x10L * i, "key" + i);
        }
        assertThat(picky.done).hasSizeLessThan(900);
        line.loop.pass(Duration.ofSeconds(10));

        assertThat(picky.done).hasSize(900);
        assertThat(slow.running()).isNotEmpty();
        assertThat(parking.waiting("slow")).isNotEmpty();
    }
}
