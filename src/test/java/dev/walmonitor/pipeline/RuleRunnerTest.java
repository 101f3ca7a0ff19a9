package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.embedded.FlightRecording;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractUni;
import io.smallrye.mutiny.subscription.UniSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import jdk.jfr.consumer.RecordedEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RuleRunnerTest {
    private static final Relation TABLE = Events.table("t", 2, 0);
    private static final Relation PAIR = Events.table("pair", 3, 0, 1);
    private static final Relation KEYLESS = Events.table("keyless", 2);
    private static final Transaction TRANSACTION = Events.transaction(16);

    private final ManualLoop loop = new ManualLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Watermark.Unit unit = new Watermark().begin(TRANSACTION, 0);
    private final List<String> done = new ArrayList<>();
    private final FakeHandler handler = new FakeHandler();
    private RuleRunner runner = runner(handler);
    private int ordinal;

    private RuleRunner runner(ChangeHandler work) {
        return runner(Rules.of("r", "*"), work);
    }

    private RuleRunner runner(Rule rule, ChangeHandler work) {
        RandomGenerator noChance = () -> 0L;
        return new RuleRunner(
                rule,
                work,
                64,
                loop,
                loop.clock(),
                noChance,
                new RuleMeters(registry, "main", "r"),
                (task, result, nanos) -> done.add(task.change.id() + " " + result));
    }

    private RowChange insert(Relation table, Object... row) {
        return Events.insert(TRANSACTION, ordinal++, table, row);
    }

    private RowChange update(@Nullable Row before, Row after) {
        return new RowChange.Update(TRANSACTION, ordinal++, before, after);
    }

    private RowChange delete(Row before) {
        return new RowChange.Delete(TRANSACTION, ordinal++, before);
    }

    private void submit(RowChange change) {
        runner.submit(runner.accept(change, unit, 1));
    }

    @Test
    void changesOfOneRowRunOneAfterTheOtherAndThoseOfOthersMeanwhile() {
        submit(insert(TABLE, "1", "x"));
        submit(update(null, Events.row(TABLE, "1", "y")));
        submit(insert(TABLE, "2", "x"));
        assertThat(handler.running()).containsExactly("0/10:0", "0/10:2");

        handler.finish("0/10:0");
        assertThat(handler.running()).containsExactly("0/10:2", "0/10:1");
    }

    @Test
    void theFlightRecorderIsToldOfEachAttemptAndNothingIsMadeWhileItDoesNotListen() {
        assertThat(HandleEvent.begun()).isNull();
        List<RecordedEvent> events =
                FlightRecording.of(
                        "dev.walmonitor.Handle",
                        () -> {
                            submit(insert(TABLE, "1", "x"));
                            handler.fail("0/10:0");
                            loop.pass(Duration.ofSeconds(2));
                            handler.finish("0/10:0");
                        });

        assertThat(events)
                .extracting(
                        event -> event.getString("rule"),
                        event -> event.getString("table"),
                        event -> event.getInt("attempt"),
                        event -> event.getBoolean("succeeded"))
                .containsExactly(tuple("r", "public.t", 1, false), tuple("r", "public.t", 2, true));
    }

    @Test
    void aHandlerThatNeedsNoOrderIsGivenEveryChangeAtOnceAndMayEndThemInAnyOrder() {
        FakeHandler unordered =
                new FakeHandler() {
                    @Override
                    public boolean ordered() {
                        return false;
                    }
                };
        runner = runner(unordered);
        submit(insert(TABLE, "1", "x"));
        submit(update(null, Events.row(TABLE, "1", "y")));
        submit(Events.truncate(TRANSACTION, ordinal++, TABLE));
        runner.barrierNext(TABLE);
        submit(insert(TABLE, "1", "z"));
        assertThat(unordered.running()).containsExactly("0/10:0", "0/10:1", "0/10:2", "0/10:3");

        unordered.finish("0/10:3");
        unordered.finish("0/10:0");
        assertThat(done).containsExactly("0/10:3 ", "0/10:0 ");
    }

    @Test
    void theSameKeyInAnotherTableIsAnotherRow() {
        submit(insert(TABLE, "1", "x"));
        submit(insert(Events.table("u", 2, 0), "1", "x"));

        assertThat(handler.running()).containsExactly("0/10:0", "0/10:1");
    }

    @Test
    void aKeyUpdateWaitsForItsOldAndItsNewKeyAndHoldsUpBoth() {
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "2", "x"));
        submit(delete(Events.row(TABLE, "2", ColumnValue.Absent.ABSENT)));
        Row old = Events.row(TABLE, "1", ColumnValue.Absent.ABSENT);
        submit(update(old, Events.row(TABLE, "2", "x")));
        submit(insert(TABLE, "1", "again"));
        submit(update(null, Events.row(TABLE, "2", "z")));

        handler.finish("0/10:0");
        handler.finish("0/10:1");
        assertThat(handler.running()).containsExactly("0/10:2");
        handler.finish("0/10:2");
        assertThat(handler.running()).containsExactly("0/10:3");
        handler.finish("0/10:3");
        assertThat(handler.running()).containsExactly("0/10:4", "0/10:5");
    }

    @Test
    void aDeleteHoldsItsOldKeyAlone() {
        Task task =
                runner.accept(delete(Events.row(TABLE, "1", ColumnValue.Absent.ABSENT)), unit, 1);

        assertThat(task.lanes).isEqualTo(lanesOf(insert(TABLE, "1", "x")));
    }

    @Test
    void aTruncateWaitsForAllAndHoldsUpAll() {
        submit(insert(TABLE, "1", "x"));
        submit(Events.truncate(TRANSACTION, ordinal++, TABLE));
        submit(insert(TABLE, "2", "x"));
        assertThat(handler.running()).containsExactly("0/10:0");

        handler.finish("0/10:0");
        assertThat(handler.running()).containsExactly("0/10:1");
        handler.finish("0/10:1");
        assertThat(handler.running()).containsExactly("0/10:2");
    }

    @Test
    void aTableWithoutAKeyIsOneLane() {
        long lane = lanesOf(insert(KEYLESS, "1", "x"));

        assertThat(Long.bitCount(lane)).isEqualTo(1);
        assertThat(lanesOf(insert(KEYLESS, "2", "y"))).isEqualTo(lane);
        assertThat(lanesOf(delete(Events.row(KEYLESS, "1", "x")))).isEqualTo(lane);
        assertThat(lanesOf(Events.truncate(TRANSACTION, 0, KEYLESS))).isEqualTo(-1L);
    }

    @Test
    void aLargeKeyThatDidNotChangeIsTakenFromTheOldRow() {
        Row after = Events.row(TABLE, ColumnValue.Absent.ABSENT, "y");

        assertThat(lanesOf(update(Events.row(TABLE, "1", "x"), after)))
                .isEqualTo(lanesOf(insert(TABLE, "1", "x")));
    }

    @Test
    void aKeyThatIsSentInPartMayBeAnyKey() {
        Row before = Events.row(PAIR, "1", "large", "x");
        Row after = Events.row(PAIR, "2", ColumnValue.Absent.ABSENT, "x");

        assertThat(lanesOf(update(before, after))).isEqualTo(-1L);
    }

    @Test
    void aRowWhoseKeyIsNotSentMayBeAnyRow() {
        Row unknown = Events.row(TABLE, ColumnValue.Absent.ABSENT, "x");

        assertThat(lanesOf(delete(unknown))).isEqualTo(-1L);
        assertThat(lanesOf(update(null, unknown))).isEqualTo(-1L);
        assertThat(lanesOf(update(unknown, Events.row(TABLE, "1", "x"))))
                .as("the old key is not sent, so nobody can act on it")
                .isEqualTo(lanesOf(insert(TABLE, "1", "x")));
    }

    private long lanesOf(RowChange change) {
        return runner.accept(change, unit, 1).lanes;
    }

    @Test
    void afterABarrierTheNextChangeAloneWaitsForAllAndHoldsUpAll() {
        submit(insert(TABLE, "1", "x"));
        runner.barrierNext(TABLE);
        submit(insert(TABLE, "2", "x"));
        submit(insert(TABLE, "3", "x"));
        submit(insert(TABLE, "4", "x"));

        handler.finish("0/10:0");
        assertThat(handler.running()).containsExactly("0/10:1");
        handler.finish("0/10:1");
        assertThat(handler.running()).containsExactlyInAnyOrder("0/10:2", "0/10:3");
    }

    @Test
    void aHandlerThatNeedsNoOrderIsGivenEveryChangeAtOnce() {
        runner =
                runner(
                        new FakeHandler() {
                            @Override
                            public Uni<HandlerResult> handle(RowChange change) {
                                return handler.handle(change);
                            }

                            @Override
                            public boolean ordered() {
                                return false;
                            }
                        });
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "1", "y"));
        submit(Events.truncate(TRANSACTION, ordinal++, TABLE));
        runner.barrierNext(TABLE);
        submit(insert(TABLE, "1", "z"));
        assertThat(handler.running()).containsExactly("0/10:0", "0/10:1", "0/10:2", "0/10:3");

        handler.fail("0/10:0");
        handler.finish("0/10:3");
        handler.finish("0/10:1");
        loop.pass(Duration.ofMillis(100));
        assertThat(handler.running()).containsExactly("0/10:2", "0/10:0");
        assertThat(done).containsExactly("0/10:3 ", "0/10:1 ");
    }

    @Test
    void f34_aChangeThatFailsKeepsItsRowAndOthersGoOn() {
        submit(insert(TABLE, "1", "x"));
        submit(update(null, Events.row(TABLE, "1", "y")));
        submit(insert(TABLE, "2", "x"));

        handler.fail("0/10:0");
        handler.finish("0/10:2");
        assertThat(handler.running()).isEmpty();
        loop.pass(Duration.ofMillis(100));
        assertThat(handler.running()).containsExactly("0/10:0");
        handler.finish("0/10:0");
        assertThat(handler.running()).containsExactly("0/10:1");
        assertThat(done).containsExactly("0/10:2 ", "0/10:0 ");
    }

    @Test
    void f34_triesLaterAndLaterWithoutEnd() {
        submit(insert(TABLE, "1", "x"));
        for (long millis : new long[] {100, 200, 400, 800, 1_000, 1_000, 1_000}) {
            handler.fail("0/10:0");
            loop.pass(Duration.ofMillis(millis - 1));
            assertThat(handler.running()).isEmpty();
            loop.pass(Duration.ofMillis(1));
            assertThat(handler.running()).containsExactly("0/10:0");
        }
        handler.finish("0/10:0");

        assertThat(done).containsExactly("0/10:0 ");
        assertThat(handled("failed")).isEqualTo(7);
        assertThat(handled("done")).isEqualTo(1);
    }

    private double handled(String outcome) {
        return registry.get("wal_monitor_rule_handled").tag("outcome", outcome).counter().count();
    }

    @Test
    void tellsOfAFailureAndAtMostOnceASecond() {
        try (LogLines log = new LogLines(RuleRunner.class)) {
            for (int row = 0; row < 3; row++) {
                submit(insert(TABLE, row, "x"));
                handler.fail("0/10:" + row);
            }
            loop.pass(Duration.ofSeconds(1));
            handler.fail("0/10:0");

            assertThat(log.lines())
                    .containsExactly(
                            "WARN Rule r failed for change 0/10:0 of public.t, attempt 1: no luck."
                                    + " It is tried again in 100 ms; changes of the same row wait.",
                            "WARN Rule r failed for change 0/10:0 of public.t, attempt 2: no luck."
                                    + " It is tried again in 200 ms; changes of the same row wait."
                                    + " Not told before: 2 more attempts that failed.");
        }
    }

    @Test
    void aHandlerThatThrowsIsTriedAgain() {
        assertTriedAgain(change -> {
            throw new IllegalStateException("thrown");
        });
    }

    @Test
    void aHandlerWhoseClassIsBrokenIsTriedAgain() {
        assertTriedAgain(change -> {
            throw new NoClassDefFoundError("gone");
        });
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tried
    void aHandlerThatReturnsNullIsTriedAgain() {
        assertTriedAgain(change -> null);
    }

    @Test
    void aHandlerThatFailsWithoutAMessageIsTriedAgain() {
        assertTriedAgain(change -> Uni.createFrom().failure(new IllegalStateException()));
    }

    private void assertTriedAgain(ChangeHandler broken) {
        AtomicInteger calls = new AtomicInteger();
        runner =
                runner(change ->
                        calls.getAndIncrement() == 0
                                ? broken.handle(change)
                                : handler.handle(change));
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "1", "y"));
        assertThat(done).isEmpty();

        loop.pass(Duration.ofMillis(100));
        handler.finish("0/10:0");
        handler.finish("0/10:1");
        assertThat(done).containsExactly("0/10:0 ", "0/10:1 ");
    }

    @Test
    void aChangeThatTheRuleDoesNotAcceptIsDoneWithoutTheHandler() {
        runner = runner(Rules.of("r", "*", EnumSet.of(Operation.DELETE)), handler);
        submit(insert(TABLE, "1", "x"));

        assertThat(handler.begun).isEmpty();
        assertThat(done).containsExactly("0/10:0 ");
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tried
    void aHandlerThatCompletesWithNothingIsDone() {
        runner = runner(change -> Uni.createFrom().nullItem());
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "1", "y"));

        assertThat(done).containsExactly("0/10:0 ", "0/10:1 ");
    }

    @Test
    void aSecondAnswerIsNotListenedTo() {
        runner = runner(change -> new Babbler());
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "1", "y"));
        loop.pass(Duration.ofSeconds(10));

        assertThat(done).containsExactly("0/10:0 once", "0/10:1 once");
    }

    /** Answers twice, and then fails as well. */
    private static final class Babbler extends AbstractUni<HandlerResult> {
        @Override
        public void subscribe(UniSubscriber<? super HandlerResult> subscriber) {
            subscriber.onSubscribe(() -> {});
            subscriber.onItem(HandlerResult.of("once"));
            subscriber.onItem(HandlerResult.of("twice"));
            subscriber.onFailure(new IllegalStateException("and more"));
        }
    }

    @Test
    void anAnswerFromAnotherThreadIsTakenOnTheLoop() {
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "2", "x"));

        loop.elsewhere(() -> handler.finish("0/10:0"));
        loop.elsewhere(() -> handler.fail("0/10:1"));
        assertThat(done).isEmpty();
        loop.settle();
        assertThat(done).containsExactly("0/10:0 ");
        loop.pass(Duration.ofMillis(100));
        assertThat(handler.running()).containsExactly("0/10:1");
    }

    @Test
    void aListenerThatThrowsDoesNotHoldUpTheLane() {
        List<String> told = new ArrayList<>();
        RuleRunner broken =
                new RuleRunner(
                        Rules.of("r", "*"),
                        handler,
                        1,
                        loop,
                        loop.clock(),
                        () -> 0L,
                        new RuleMeters(registry, "main", "r"),
                        (task, result, nanos) -> {
                            told.add(task.change.id().toString());
                            throw new IllegalStateException("of the listener");
                        });
        broken.submit(broken.accept(insert(TABLE, "1", "x"), unit, 1));
        broken.submit(broken.accept(insert(TABLE, "1", "y"), unit, 1));

        assertThatThrownBy(() -> handler.finish("0/10:0")).hasMessage("of the listener");
        assertThat(told).containsExactly("0/10:0");
        assertThat(handler.running()).containsExactly("0/10:1");
    }

    @Test
    void stoppedItBeginsNothingAndTriesNothingAgain() {
        submit(insert(TABLE, "1", "x"));
        submit(insert(TABLE, "1", "y"));
        submit(insert(TABLE, "2", "x"));
        handler.fail("0/10:2");
        runner.stop();

        handler.finish("0/10:0");
        loop.pass(Duration.ofMinutes(1));
        assertThat(handler.begun).containsExactly("0/10:0", "0/10:2");
        assertThat(done).as("what was running may still end").containsExactly("0/10:0 ");
    }

    @Test
    void measuresFromTheCommitByTheDatabasesClockAndNeverLessThanNothing() {
        submit(insert(TABLE, "1", "x"));
        loop.pass(Duration.ofMillis(30));
        handler.finish("0/10:0");

        assertThat(
                        registry.get("wal_monitor_rule_latency")
                                .timer()
                                .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(30);
    }

    @Test
    void makesItsStartOnce() {
        AtomicInteger starts = new AtomicInteger();
        runner =
                runner(
                        new Warming(() -> {
                            starts.incrementAndGet();
                            return Uni.createFrom().item(HandlerResult.of("filled"));
                        }));

        runner.warm();
        runner.warm();

        assertThat(starts).hasValue(1);
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tried
    void aStartThatFailsHoldsUpNothing() {
        List<Supplier<Uni<HandlerResult>>> starts =
                List.of(
                        () -> {
                            throw new IllegalStateException("thrown");
                        },
                        () -> null,
                        () -> Uni.createFrom().nullItem(),
                        () -> Uni.createFrom().failure(new IllegalStateException("failed")));

        for (Supplier<Uni<HandlerResult>> start : starts) {
            runner = runner(new Warming(start));
            runner.warm();
            submit(insert(TABLE, "1", "x"));
        }

        assertThat(done).hasSize(4);
    }

    @Test
    void aStartThatFailsIsTriedAgainUntilItCan() {
        AtomicInteger starts = new AtomicInteger();
        runner =
                runner(
                        new Warming(() ->
                                starts.incrementAndGet() < 3
                                        ? Uni.createFrom()
                                                .failure(new IllegalStateException("down"))
                                        : Uni.createFrom().item(HandlerResult.NONE)));
        try (LogLines log = new LogLines(RuleRunner.class)) {
            runner.warm();
            loop.pass(Duration.ofMinutes(1));

            assertThat(starts).hasValue(3);
            assertThat(log.lines())
                    .containsExactly(
                            "WARN Source main: rule r could not make its start: down."
                                    + " It is tried again until it can.");
        }
    }

    @Test
    void stoppedItDoesNotTryItsStartAgain() {
        AtomicInteger starts = new AtomicInteger();
        runner =
                runner(
                        new Warming(() -> {
                            starts.incrementAndGet();
                            throw new IllegalStateException("down");
                        }));
        runner.warm();
        runner.stop();
        loop.pass(Duration.ofMinutes(1));

        assertThat(starts).hasValue(1);
    }

    private record Warming(Supplier<Uni<HandlerResult>> start) implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }

        @Override
        public Uni<HandlerResult> warm() {
            return start.get();
        }
    }
}
