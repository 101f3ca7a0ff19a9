package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private static final Relation TABLE = Events.table("t", 1, 0);
    private static final Transaction FIRST = Events.transaction(0x10);
    private static final Transaction SECOND = Events.transaction(0x20);
    private static final Duration SECOND_OF_TIME = Duration.ofSeconds(1);

    private final TestLine line = new TestLine();
    private final FakeSource source = line.source;
    private final FakeHandler handler = line.handler("r", "*");

    @Test
    void asksForOneBatchAtATime() {
        line.start();
        assertThat(source.isAsked()).isTrue();

        source.tell(Events.resumed(1));
        assertThat(source.isAsked()).isTrue();
    }

    @Test
    void aTransactionIsConfirmedWhenAllItsChangesAreDone() {
        line.start();
        source.tell(
                Events.resumed(1),
                Events.begin(FIRST),
                Events.insert(FIRST, 0, TABLE, "1"),
                Events.insert(FIRST, 1, TABLE, "2"),
                Events.commit(FIRST));
        handler.finish("0/10:1");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).isEmpty();

        handler.finish("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/11");
        assertThat(line.store.asked).containsExactly("0/11");
    }

    @Test
    void aChangeThatSeveralRulesWantIsDoneWhenEachIs() {
        FakeHandler other = line.handler("other", "t");
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        handler.finish("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).isEmpty();

        other.finish("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/11");
    }

    @Test
    void aRuleThatIsStuckHoldsTheWatermarkAndNoOtherRule() {
        FakeHandler stuck = line.handler("stuck", "t");
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        line.transaction(SECOND, Events.insert(SECOND, 0, TABLE, "1"));
        handler.finish("0/10:0");
        handler.finish("0/20:0");

        assertThat(stuck.running()).containsExactly("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).isEmpty();
    }

    @Test
    void f24_aTransactionMayComeInPiecesAndProgressBeforeItIsConfirmedMeanwhile() {
        line.start();
        source.tell(Events.progress(0x10), Events.begin(FIRST));
        source.tell(Events.insert(FIRST, 0, TABLE, "1"));
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/10");

        source.tell(Events.insert(FIRST, 1, TABLE, "2"));
        handler.finishAll();
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/10");
        source.tell(Events.commit(FIRST));
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/10", "0/11");
    }

    @Test
    void f25_progressBehindUnfinishedWorkWaitsForIt() {
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        source.tell(Events.progress(0x90));
        line.loop.pass(Duration.ofSeconds(20));
        assertThat(source.confirmed).isEmpty();

        handler.finish("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/90");
    }

    @Test
    void f38_progressOfAnIdleTableIsConfirmedAfterTenSeconds() {
        line.start();
        source.tell(Events.progress(0x90));
        line.loop.pass(Duration.ofMillis(9_999));
        assertThat(source.confirmed).isEmpty();
        line.loop.pass(Duration.ofMillis(1));
        assertThat(source.confirmed).containsExactly("0/90");
    }

    @Test
    void f26_aKeepaliveFromBeforeTheStartOfTheStreamConfirmsNothingBeforeIt() {
        line.start();
        source.tell(Events.resumed(0x90), Events.progress(0x80), Events.progress(0x85));
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(line.store.asked).containsExactly("0/90");
        assertThat(line.pipeline().status().watermark()).isEqualTo(new Lsn(0x90));
    }

    @Test
    void aNewBeginningOfTheStreamConfirmsNothing() {
        line.start();
        source.tell(Events.resumed(1));
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        source.tell(Events.resumed(0x11));
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(line.store.asked).isEmpty();
        assertThat(line.pipeline().status().watermark()).isEqualTo(new Lsn(1));
    }

    @Test
    void progressThatTheDatabaseWaitsForIsConfirmedAtOnce() {
        line.start();
        source.tell(new ChangeEvent.Progress(new Lsn(0x90), true));
        line.loop.pass(Duration.ofMillis(100));

        assertThat(source.confirmed).containsExactly("0/90");
    }

    @Test
    void aMessageOutsideOfTransactionsIsProgressAndOneInsideIsNot() {
        line.start();
        source.tell(
                message(null, 0x5), Events.begin(FIRST), message(FIRST, 0xF), Events.commit(FIRST));
        line.loop.pass(Duration.ofSeconds(10));

        assertThat(source.confirmed).containsExactly("0/11");
        source.tell(message(null, 0x30));
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/11", "0/30");
    }

    private static ChangeEvent message(@Nullable Transaction transaction, long position) {
        return new ChangeEvent.Message(transaction, new Lsn(position), "prefix", new byte[0]);
    }

    @Test
    void aTransactionOfNoRuleIsDoneAtOnce() {
        line.start();
        line.transaction(FIRST);
        line.loop.pass(Duration.ofSeconds(10));

        assertThat(source.confirmed).containsExactly("0/11");
    }

    @Test
    void f08_aTransactionThatBrokeOffComesAgainWholeAndIsDoneOnce() {
        line.start();
        source.tell(Events.resumed(1), Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        source.tell(
                Events.resumed(1),
                Events.begin(FIRST),
                Events.insert(FIRST, 0, TABLE, "1"),
                Events.insert(FIRST, 1, TABLE, "2"),
                Events.commit(FIRST));
        assertThat(handler.running()).containsExactly("0/10:0", "0/10:1");
        handler.finish("0/10:0");
        assertThat(handler.running()).as("again").containsExactly("0/10:1", "0/10:0");
        handler.finishAll();
        line.loop.pass(SECOND_OF_TIME);

        assertThat(source.confirmed).containsExactly("0/11");
        line.assertQuiet();
    }

    @Test
    void workOfATransactionThatBrokeOffHoldsNothingUp() {
        line.start();
        source.tell(Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        source.tell(Events.resumed(1), Events.progress(0x15));
        line.loop.pass(Duration.ofSeconds(10));

        assertThat(source.confirmed).containsExactly("0/15");
    }

    @Test
    void f27_transactionsThatAreDoneOutOfOrderAreConfirmedInOrder() {
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        line.transaction(SECOND, Events.insert(SECOND, 0, TABLE, "2"));
        handler.finish("0/20:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).isEmpty();

        handler.finish("0/10:0");
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/21");
    }

    @Test
    void f33_changesThatShareAPositionAreToldApart() {
        line.start();
        line.transaction(
                FIRST,
                IntStream.range(0, 3)
                        .mapToObj(i -> Events.insert(FIRST, i, TABLE, i))
                        .toArray(RowChange[]::new));

        assertThat(handler.running()).containsExactly("0/10:0", "0/10:1", "0/10:2");
    }

    @Test
    void f23_asksForNothingMoreWhileTooMuchIsOnItsWay() {
        line.bounds = new Pipeline.Bounds(4, Long.MAX_VALUE);
        line.start();
        line.transaction(
                FIRST,
                IntStream.range(0, 4)
                        .mapToObj(i -> Events.insert(FIRST, i, TABLE, i))
                        .toArray(RowChange[]::new));
        assertThat(source.isAsked()).isFalse();

        handler.finish("0/10:0");
        assertThat(source.isAsked()).as("not before half of it is done").isFalse();
        handler.finish("0/10:1");
        assertThat(source.isAsked()).isTrue();
    }

    @Test
    void aBatchLargerThanTheBoundAndATransactionLargerThanItPassThrough() {
        line.bounds = new Pipeline.Bounds(1, 1);
        line.start();
        source.tell(
                Events.begin(FIRST),
                Events.insert(FIRST, 0, TABLE, "1"),
                Events.insert(FIRST, 1, TABLE, "2"));
        source.tell(Events.insert(FIRST, 2, TABLE, "1"), Events.insert(FIRST, 3, TABLE, "2"));
        source.tell(Events.commit(FIRST));
        assertThat(handler.begun).hasSize(2);

        handler.finishAll();
        assertThat(handler.begun).hasSize(4);
        handler.finishAll();
        line.loop.pass(SECOND_OF_TIME);
        assertThat(source.confirmed).containsExactly("0/11");
        line.assertQuiet();
    }

    @Test
    void boundsTheBytesToo() {
        line.bounds = new Pipeline.Bounds(1_000, 300);
        line.start();
        source.tell(Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        assertThat(source.isAsked()).isTrue();
        source.tell(Events.insert(FIRST, 1, TABLE, "2"));
        assertThat(line.pipeline().bytes()).isEqualTo(2 * (128 + 64));
        assertThat(source.isAsked()).isFalse();

        handler.finishAll();
        assertThat(line.pipeline().bytes()).isZero();
        assertThat(source.isAsked()).isTrue();
    }

    @Test
    void retriesGoOnWhileNothingMoreIsAskedFor() {
        line.bounds = new Pipeline.Bounds(1, Long.MAX_VALUE);
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        handler.fail("0/10:0");
        line.loop.pass(Duration.ofMillis(100));
        assertThat(source.isAsked()).isFalse();
        handler.finish("0/10:0");

        assertThat(source.isAsked()).isTrue();
    }

    @Test
    void aBatchFromAnotherThreadIsTakenOnTheLoop() {
        line.start();
        line.loop.elsewhere(() -> line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1")));
        assertThat(handler.begun).isEmpty();
        line.loop.settle();

        assertThat(handler.begun).containsExactly("0/10:0");
    }

    @Test
    void eachRuleMakesItsStartBeforeTheFirstChangeAndOnlyThen() {
        line.start();
        assertThat(line.warmed).isEmpty();
        source.tell(Events.resumed(1), Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        assertThat(line.warmed).containsExactly("r before 0 changes");
        source.tell(Events.resumed(1));

        assertThat(line.warmed).hasSize(1);
    }

    @Test
    void aRuleThatIsAddedLaterMakesItsStartAtOnceIfTheStreamHasBegun() {
        line.start();
        assertThat(line.add("early", "*").begun).isEmpty();
        assertThat(line.warmed).isEmpty();
        source.tell(Events.resumed(1));
        assertThat(line.warmed).containsExactly("r before 0 changes", "early before 0 changes");

        FakeHandler late = line.add("late", "*");
        assertThat(line.warmed).hasSize(3).last().isEqualTo("late before 0 changes");
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        assertThat(late.begun).containsExactly("0/10:0");
    }

    @Test
    void whatAHandlerHasToTellIsToldAndNothingElse() {
        line.start();
        line.transaction(
                FIRST, Events.insert(FIRST, 0, TABLE, "1"), Events.insert(FIRST, 1, TABLE, "2"));
        handler.finish("0/10:0", HandlerResult.of("refreshed").with("key", "k"));
        handler.finish("0/10:1");

        assertThat(line.told).containsExactly("r 0/10:0 refreshed key=k");
    }

    @Test
    void anObserverThatThrowsHoldsNothingUp() {
        line.observerFails = true;
        line.start();
        line.transaction(
                FIRST, Events.insert(FIRST, 0, TABLE, "1"), Events.insert(FIRST, 1, TABLE, "1"));
        handler.finish("0/10:0", HandlerResult.of("refreshed"));
        handler.finish("0/10:1", HandlerResult.of("refreshed"));
        line.loop.pass(SECOND_OF_TIME);

        assertThat(source.confirmed).containsExactly("0/11");
        line.assertQuiet();
    }

    @Test
    void showsWhatIsOnItsWayAndForHowLong() {
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        line.loop.pass(Duration.ofSeconds(3));
        line.transaction(SECOND, Events.insert(SECOND, 0, TABLE, "2"));
        line.loop.pass(Duration.ofSeconds(4));
        assertThat(line.pipeline().status())
                .isEqualTo(new PipelineStatus(source.status(), null, 2, Duration.ofSeconds(7)));

        handler.finish("0/10:0");
        assertThat(line.pipeline().status())
                .isEqualTo(
                        new PipelineStatus(
                                source.status(), new Lsn(0x11), 1, Duration.ofSeconds(4)));
        handler.finish("0/20:0");
        assertThat(line.pipeline().status())
                .isEqualTo(new PipelineStatus(source.status(), new Lsn(0x21), 0, Duration.ZERO));
    }

    @Test
    void tellsThatTheSourceCannotGoOn() {
        line.start();
        source.fail(new IllegalStateException("the slot is lost"));

        assertThat(line.failures)
                .singleElement()
                .hasToString("java.lang.IllegalStateException: the slot is lost");
    }

    @Test
    void whatCannotBeStopsTheSourceAtThatPlace() {
        List<String> failures = new ArrayList<>();
        for (ChangeEvent[] nonsense :
                List.of(
                        new ChangeEvent[] {Events.insert(SECOND, 0, TABLE, "1")},
                        new ChangeEvent[] {Events.commit(SECOND)},
                        new ChangeEvent[] {Events.begin(SECOND), Events.begin(FIRST)},
                        new ChangeEvent[] {Events.begin(SECOND), unreadable()})) {
            TestLine broken = new TestLine();
            FakeHandler first = broken.handler("r", "*");
            broken.start();
            broken.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
            broken.source.tell(nonsense);
            broken.source.tell(Events.progress(0x90));
            first.finishAll();
            broken.loop.pass(Duration.ofSeconds(10));

            assertThat(broken.source.cancelled).isTrue();
            assertThat(broken.source.confirmed).as("what was before is").containsExactly("0/11");
            broken.failures.forEach(f -> failures.add(f.getMessage()));
        }
        assertThat(failures)
                .containsExactly(
                        "Expected the beginning of a transaction, got change 0/20:0 of public.t",
                        "Expected the beginning of a transaction, got the commit of " + SECOND,
                        "Expected the end of the open transaction, got " + FIRST,
                        "cannot be read");
    }

    private static RowChange unreadable() {
        return new RowChange.Insert(
                SECOND,
                0,
                new Row() {
                    @Override
                    public Relation relation() {
                        return TABLE;
                    }

                    @Override
                    public ColumnValue value(int column) {
                        throw new IllegalStateException("cannot be read");
                    }
                });
    }
}
