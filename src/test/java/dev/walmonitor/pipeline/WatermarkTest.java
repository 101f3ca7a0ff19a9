package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.pipeline.Watermark.Move;
import dev.walmonitor.pipeline.Watermark.Unit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatermarkTest {
    private final Watermark watermark = new Watermark();

    private Unit begin(long commit, int work) {
        Unit unit = watermark.begin(Events.transaction(commit), commit);
        for (int i = 0; i < work; i++) {
            unit.open();
        }
        return unit;
    }

    private Unit received(long commit, int work) {
        Unit unit = begin(commit, work);
        watermark.commit(unit, new Lsn(commit + 1));
        return unit;
    }

    private void handled(long commit) {
        watermark.done(received(commit, 1));
    }

    @Test
    void knowsNoPositionBeforeTheFirst() {
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
        assertThat(watermark.low()).isNull();
        assertThat(watermark.oldestSince()).isZero();
    }

    @Test
    void f30_aTransactionIsConfirmedByItsEndAndNotByItsCommit() {
        handled(10);

        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(11));
    }

    @Test
    void aTransactionThatNoRuleHadWorkWithIsDoneAndCountsAsIdle() {
        assertThat(received(10, 0).isDone()).isTrue();

        assertThat(watermark.advance()).isEqualTo(Move.IDLE);
        assertThat(watermark.low()).isEqualTo(new Lsn(11));
    }

    @Test
    void anotherBranchOfTheLogStartsBeforeTheWatermarkAndForgetsWhatIsOpen() {
        Unit open = received(20, 1);
        handled(30);
        watermark.startAgainFrom(new Lsn(15));
        assertThat(watermark.low()).isEqualTo(new Lsn(15));
        handled(16);
        watermark.done(open);

        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(17));
        assertThat(watermark.size()).isZero();
    }

    @Test
    void aTransactionIsNotDoneBeforeItsCommitHasCome() {
        Unit unit = begin(10, 1);
        watermark.done(unit);

        assertThat(watermark.advance()).isEqualTo(Move.NONE);

        watermark.commit(unit, new Lsn(11));
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
    }

    @Test
    void aTransactionIsNotDoneBeforeAllOfItsWorkIs() {
        Unit unit = received(10, 2);
        watermark.done(unit);
        assertThat(watermark.advance()).isEqualTo(Move.NONE);

        watermark.done(unit);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(11));
    }

    @Test
    void f27_whatIsDoneOutOfOrderWaitsForWhatIsBeforeIt() {
        Unit first = received(10, 1);
        Unit second = received(20, 1);
        Unit third = received(30, 1);

        watermark.done(third);
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
        watermark.done(first);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(11));
        watermark.done(second);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(31));
    }

    @Test
    void f25_aMarkBehindUnfinishedWorkWaitsForIt() {
        Unit unit = received(10, 1);
        watermark.mark(new Lsn(50));
        assertThat(watermark.advance()).isEqualTo(Move.NONE);

        watermark.done(unit);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(50));
    }

    @Test
    void marksAloneAreNoWork() {
        watermark.mark(new Lsn(50));

        assertThat(watermark.advance()).isEqualTo(Move.IDLE);
        assertThat(watermark.low()).isEqualTo(new Lsn(50));
    }

    @Test
    void aTransactionBehindAMarkIsWork() {
        watermark.mark(new Lsn(5));
        handled(10);

        assertThat(watermark.advance()).isEqualTo(Move.WORK);
    }

    @Test
    void f26_aMarkThatGoesBackDoesNotMoveTheWatermark() {
        watermark.mark(new Lsn(50));
        assertThat(watermark.advance()).isEqualTo(Move.IDLE);

        watermark.mark(new Lsn(40));
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
        assertThat(watermark.low()).isEqualTo(new Lsn(50));
    }

    @Test
    void f26_aMarkBeforeTheStartOfTheStreamDoesNotMoveTheWatermarkBehindIt() {
        watermark.startFrom(new Lsn(50));
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
        watermark.mark(new Lsn(40));

        assertThat(watermark.advance()).as("the start is to be confirmed").isEqualTo(Move.IDLE);
        assertThat(watermark.low()).isEqualTo(new Lsn(50));
        watermark.mark(new Lsn(45));
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
    }

    @Test
    void positionsAreComparedUnsigned() {
        handled(Long.MAX_VALUE);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        handled(Long.MIN_VALUE + 1);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);

        assertThat(watermark.low()).isEqualTo(new Lsn(Long.MIN_VALUE + 2));
    }

    @Test
    void f33_aTransactionThatBeginsWhereTheLastEndedIsAUnitOfItsOwn() {
        Unit first = begin(10, 1);
        watermark.commit(first, new Lsn(20));
        Unit second = begin(20, 1);
        watermark.commit(second, new Lsn(30));

        watermark.done(first);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(20));
    }

    @Test
    void anAbandonedTransactionHoldsNothingUpAndItsWorkMayStillEnd() {
        Unit open = begin(10, 2);
        watermark.abandon(open);
        Unit again = received(10, 1);

        watermark.done(open);
        watermark.done(open);
        assertThat(watermark.advance()).isEqualTo(Move.NONE);
        watermark.done(again);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(11));
    }

    @Test
    void tellsSinceWhenTheOldestUnfinishedTransactionWaits() {
        Unit first = received(10, 1);
        assertThat(received(20, 1).isDone()).isFalse();
        assertThat(watermark.oldestSince()).isEqualTo(10);

        watermark.done(first);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.oldestSince()).isEqualTo(20);
    }

    @Test
    void whatIsDoneBehindOneThatIsNotTakesNoRoom() {
        Unit stuck = received(10, 1);
        List<Unit> others = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            others.add(received(20 + i, 1));
            watermark.mark(new Lsn(20 + i));
        }
        others.forEach(watermark::done);
        assertThat(watermark.size()).isEqualTo(2);

        watermark.done(stuck);
        assertThat(watermark.size()).isEqualTo(1);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.size()).isZero();
        assertThat(watermark.low()).isEqualTo(new Lsn(1_020));
    }

    @Test
    void unfinishedWorkBetweenDoneWorkKeepsItsPlace() {
        Unit first = received(10, 1);
        Unit second = received(20, 1);
        Unit third = received(30, 1);
        Unit fourth = received(40, 1);

        watermark.done(fourth);
        watermark.done(second);
        watermark.done(first);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(21));
        watermark.done(third);
        assertThat(watermark.advance()).isEqualTo(Move.WORK);
        assertThat(watermark.low()).isEqualTo(new Lsn(41));
    }

    @Test
    void workThatWasNeverBegunCannotBeDone() {
        Transaction transaction = Events.transaction(16);
        Unit unit = watermark.begin(transaction, 0);

        assertThatThrownBy(() -> watermark.done(unit))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("More work was finished than begun in transaction " + transaction);
    }
}
