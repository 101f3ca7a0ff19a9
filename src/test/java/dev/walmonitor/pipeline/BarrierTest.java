package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.Barrier.Applied;
import dev.walmonitor.pipeline.Barrier.Behind;
import dev.walmonitor.pipeline.Barrier.Standing;
import dev.walmonitor.source.SourceState;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who waits until rules have applied a write. */
class BarrierTest {
    private static final Relation TABLE = Events.table("t", 1, 0);
    private static final Transaction FIRST = Events.transaction(0x10);
    private static final Transaction SECOND = Events.transaction(0x20);
    private static final Duration LONG = Duration.ofSeconds(5);

    private final TestLine line = new TestLine();
    private final FakeSource source = line.source;
    private final FakeHandler a = line.handler("a", "*");
    private final FakeHandler b = line.handler("b", "*");

    private void start() {
        line.start();
        source.tell(Events.resumed(1));
    }

    private void insert(Transaction transaction) {
        line.transaction(transaction, Events.insert(transaction, 0, TABLE, transaction.xid()));
    }

    private static void assertApplied(UniAssertSubscriber<Barrier> barrier, long place) {
        assertThat(barrier.getItem()).isEqualTo(new Applied(new Lsn(place)));
    }

    private static void assertWaits(UniAssertSubscriber<Barrier> barrier) {
        assertThat(barrier.getItem()).isNull();
    }

    @Test
    void whatWasDoneLongAgoIsApplied() {
        start();
        insert(FIRST);
        a.finishAll();

        assertApplied(line.barrier(0x11, Duration.ZERO, "a"), 0x11);
        assertApplied(line.barrier(0x1, Duration.ZERO, "a", "b"), 0x1);
    }

    @Test
    void aWriteThatHasNotComeIsWaitedFor() {
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x11, LONG, "a");
        insert(FIRST);
        assertWaits(barrier);
        a.finishAll();
        assertApplied(barrier, 0x11);
    }

    @Test
    void aTransactionCountsOnlyWhenItCameWhole() {
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x11, LONG, "a");
        source.tell(Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        a.finishAll();
        assertWaits(barrier);
        source.tell(Events.commit(FIRST));
        assertApplied(barrier, 0x11);
    }

    @Test
    void aWriteThatNobodyWantsIsAppliedWhenTheStreamIsPastIt() {
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x30, LONG, "a");
        source.tell(Events.progress(0x2f));
        assertWaits(barrier);
        source.tell(Events.progress(0x30));
        assertApplied(barrier, 0x30);
    }

    @Test
    void laterWritesAreNotWaitedFor() {
        start();
        insert(FIRST);
        insert(SECOND);
        UniAssertSubscriber<Barrier> first = line.barrier(0x11, LONG, "a");
        UniAssertSubscriber<Barrier> second = line.barrier(0x21, LONG, "a");
        a.finish("0/10:0");
        assertApplied(first, 0x11);
        assertWaits(second);
        a.finish("0/20:0");
        assertApplied(second, 0x21);
    }

    @Test
    void whatIsDoneOutOfOrderIsAppliedInOrder() {
        start();
        insert(FIRST);
        insert(SECOND);
        UniAssertSubscriber<Barrier> second = line.barrier(0x21, LONG, "a");
        a.finish("0/20:0");
        assertWaits(second);
        a.finish("0/10:0");
        assertApplied(second, 0x21);
    }

    @Test
    void aRuleThatIsStuckHoldsUpItsOwnBarrierOnly() {
        start();
        insert(FIRST);
        a.fail("0/10:0");
        b.finish("0/10:0");
        UniAssertSubscriber<Barrier> blocked = line.barrier(0x11, LONG, "a");

        assertApplied(line.barrier(0x11, LONG, "b"), 0x11);
        line.loop.pass(Duration.ofMillis(100));
        a.fail("0/10:0");
        line.loop.pass(LONG);
        assertThat(blocked.getItem())
                .isEqualTo(
                        new Behind(
                                new Lsn(0x11),
                                new Lsn(0x11),
                                SourceState.STREAMING,
                                null,
                                List.of(new Standing("a", new Lsn(0x10), 2, false, 0, 0, null))));
    }

    @Test
    void severalRulesAreAllWaitedForAndOnlyThoseBehindAreNamed() {
        start();
        insert(FIRST);
        UniAssertSubscriber<Barrier> both = line.barrier(0x11, LONG, "a", "b");
        a.finishAll();
        assertWaits(both);
        line.loop.pass(LONG);
        assertThat(both.getItem())
                .isEqualTo(
                        new Behind(
                                new Lsn(0x11),
                                new Lsn(0x11),
                                SourceState.STREAMING,
                                null,
                                List.of(new Standing("b", new Lsn(0x10), 0, false, 0, 0, null))));

        UniAssertSubscriber<Barrier> again = line.barrier(0x11, LONG, "a", "b");
        b.finishAll();
        assertApplied(again, 0x11);
    }

    @Test
    void aStreamThatHasNotBegunIsSaidSo() {
        line.start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x11, Duration.ofMillis(10), "a");
        line.loop.pass(Duration.ofMillis(10));
        assertThat(barrier.getItem())
                .isEqualTo(new Behind(new Lsn(0x11), null, SourceState.STREAMING, null, List.of()));
    }

    @Test
    void aDatabaseThatIsQuietIsWrittenToAfterAMomentAndOnceForAllWhoWait() {
        source.marked = Uni.createFrom().nothing();
        start();
        UniAssertSubscriber<Barrier> one = line.barrier(0x30, LONG, "a");
        UniAssertSubscriber<Barrier> other = line.barrier(0x31, LONG, "b");
        line.loop.pass(Duration.ofMillis(19));
        assertThat(source.marks).isEmpty();
        line.loop.pass(Duration.ofMillis(1));
        assertThat(source.marks).containsExactly("barrier");
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(source.marks).hasSize(1);

        source.tell(Events.progress(0x40));
        assertApplied(one, 0x30);
        assertApplied(other, 0x31);
    }

    @Test
    void whoComesWhileAMarkIsBeingWrittenGetsAnother() {
        List<UniEmitter<? super Position>> writing = new ArrayList<>();
        source.marked = Uni.createFrom().emitter(writing::add);
        start();
        UniAssertSubscriber<Barrier> one = line.barrier(0x30, LONG, "a");
        line.loop.pass(Duration.ofMillis(20));
        UniAssertSubscriber<Barrier> late = line.barrier(0x50, LONG, "a");
        line.loop.pass(Duration.ofMillis(20));
        assertThat(source.marks).hasSize(1);

        writing.getFirst().complete(new Lsn(0x40));
        source.tell(Events.progress(0x40));
        assertApplied(one, 0x30);
        assertThat(source.marks).hasSize(2);
        source.tell(Events.progress(0x60));
        assertApplied(late, 0x50);
        writing.getLast().complete(new Lsn(0x60));
        assertThat(source.marks).hasSize(2);
    }

    @Test
    void aStreamOfWhichMoreComesIsNotWrittenTo() {
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x30, LONG, "a");
        for (int place = 2; place < 0x30; place++) {
            source.tell(Events.progress(place));
            line.loop.pass(Duration.ofMillis(20));
        }
        assertWaits(barrier);
        assertThat(source.marks).isEmpty();
    }

    @Test
    void aDatabaseThatCannotBeWrittenToIsNotAskedAgainAtOnce() {
        source.marked = Uni.createFrom().failure(new IllegalStateException("read only"));
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x30, LONG, "a");
        line.loop.pass(Duration.ofSeconds(1));
        assertThat(source.marks).hasSize(1);
        source.tell(Events.progress(0x30));
        assertApplied(barrier, 0x30);
    }

    @Test
    void aRuleThatMakesItsValuesAnewHasAppliedNothingMeanwhile() {
        List<UniEmitter<? super HandlerResult>> filling = new ArrayList<>();
        FakeHandler slow =
                new FakeHandler() {
                    @Override
                    public Uni<HandlerResult> warm() {
                        return Uni.createFrom().emitter(filling::add);
                    }
                };
        line.use("slow", slow);
        slow.rebuilds = true;
        start();
        UniAssertSubscriber<Barrier> barrier = line.barrier(0x1, LONG, "slow");
        assertWaits(barrier);
        filling.getFirst().complete(HandlerResult.NONE);
        assertApplied(barrier, 0x1);

        source.tell(
                new ChangeEvent.Resumed(
                        new Lsn(0x20),
                        Events.LOG.next(1),
                        Gap.of(new Lsn(0x1), new Lsn(0x20), "The slot was lost.")));
        UniAssertSubscriber<Barrier> afterTheGap = line.barrier(0x15, LONG, "slow");
        assertWaits(afterTheGap);
        line.loop.pass(LONG);
        assertThat(afterTheGap.getItem())
                .isEqualTo(
                        new Behind(
                                new Lsn(0x15),
                                new Lsn(0x20),
                                SourceState.STREAMING,
                                null,
                                List.of(new Standing("slow", null, 0, true, 0, 0, null))));
        filling.getLast().complete(HandlerResult.NONE);
        assertApplied(line.barrier(0x15, LONG, "slow"), 0x15);
    }

    @Test
    void workOfAnotherBranchOfTheLogHoldsNobodyUp() {
        start();
        insert(SECOND);
        LogIdentity promoted = new LogIdentity(Events.LOG.system(), 2, 2);
        source.tell(
                new ChangeEvent.Resumed(
                        new Lsn(0x8),
                        promoted,
                        Gap.of(new Lsn(0x8), new Lsn(0x21), "The server was promoted.")));

        assertApplied(line.barrier(0x8, LONG, "a"), 0x8);
        UniAssertSubscriber<Barrier> behind = line.barrier(0x11, LONG, "a");
        assertWaits(behind);
        insert(FIRST);
        a.finish("0/10:0");
        assertApplied(behind, 0x11);
        a.finish("0/20:0");
        b.finishAll();
        line.assertQuiet();
    }

    @Test
    void itMayBeAskedFromAnyThread() {
        start();
        List<UniAssertSubscriber<Barrier>> asked = new ArrayList<>();
        line.loop.elsewhere(() -> asked.add(line.barrier(0x1, LONG, "a")));
        assertWaits(asked.getFirst());
        line.loop.settle();
        assertApplied(asked.getFirst(), 0x1);
    }

    @Test
    void whatIsDoneBehindAChangeThatIsStuckIsLetGo() {
        OpenTasks open = new OpenTasks();
        Task stuck = task(FIRST);
        Task next = task(SECOND);
        open.add(stuck);
        open.add(next);
        open.remove(next);
        open.remove(next);
        assertThat(open.oldest()).isSameAs(stuck);
        assertThat(following(stuck)).isNull();

        open.remove(stuck);
        assertThat(open.oldest()).isNull();
    }

    private static @Nullable Task following(Task task) {
        return task.next;
    }

    @SuppressWarnings("NullAway") // neither its rule nor its unit is asked for
    private static Task task(Transaction transaction) {
        return new Task(null, Events.insert(transaction, 0, TABLE, "1"), null, 0, 0, false);
    }
}
