package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.source.Checkpoint;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What was lost is on record before anything after it is handled, and every rule is told. */
class GapTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final LogIdentity NEXT = Events.LOG.next(1);

    private static final Relation TABLE = Events.table("t", 1, 0);

    private final TestLine line = new TestLine();
    private final FakeSource source = line.source;
    private final FakeHandler cache = line.handler("cache", "t");
    private final FakeHandler notice = line.handler("notice", "t");

    private static ChangeEvent resumed(long from, LogIdentity log, @Nullable Gap gap) {
        return new ChangeEvent.Resumed(new Lsn(from), log, gap);
    }

    private static Gap gap(long from, long to) {
        return Gap.of(new Lsn(from), new Lsn(to), "The slot was gone.");
    }

    @Test
    void theFirstStreamIsPutOnRecord() {
        line.start();
        source.tell(Events.resumed(5));

        assertThat(line.store.begun).containsExactly("1 from 0/5");
        assertThat(line.warmed)
                .containsExactly("cache before 0 changes", "notice before 0 changes");
    }

    @Test
    void whatIsOnRecordAlreadyIsNotPutThereAgain() {
        line.store.stored = Optional.of(new Checkpoint(Events.LOG, new Lsn(5)));
        line.start();
        assertThat(line.load()).contains(new Checkpoint(Events.LOG, new Lsn(5)));
        source.tell(Events.resumed(5));

        assertThat(line.store.begun).isEmpty();
        assertThat(line.warmed).hasSize(2);
    }

    @Test
    void f40_aGapIsOnRecordWithWhatEachRuleDoesBeforeTheNextChangeIsHandled() {
        cache.rebuilds = true;
        line.start();
        source.tell(Events.resumed(5));
        line.warmed.clear();
        line.store.begun.clear();
        line.store.failure = new IllegalStateException("down");
        Transaction after = Events.transaction(0x60);
        source.tell(
                resumed(0x50, NEXT, gap(0x10, 0x50)),
                Events.begin(after),
                Events.insert(after, 0, TABLE, "1"),
                Events.commit(after));
        line.loop.pass(SECOND.multipliedBy(3));
        assertThat(cache.begun).as("nothing before it is on record").isEmpty();
        assertThat(line.warmed).isEmpty();

        line.store.failure = null;
        line.store.begun.clear();
        line.loop.pass(SECOND);
        assertThat(line.store.begun)
                .as("what was not done before belongs to the gap")
                .containsExactly("2 from 0/50 lost [0/5, 0/50) {cache=REBUILT, notice=RECORDED}");
        assertThat(line.warmed).containsExactly("cache before 0 changes");
        assertThat(line.told).containsExactly("missed [0/5, 0/50): The slot was gone.");
        assertThat(cache.begun).containsExactly("0/60:0");
        assertThat(notice.begun).containsExactly("0/60:0");
    }

    @Test
    void workOfBeforeTheGapBelongsToItAndHoldsNothingUp() {
        line.start();
        Transaction before = Events.transaction(0x10);
        source.tell(
                Events.resumed(5),
                Events.begin(before),
                Events.insert(before, 0, TABLE, "1"),
                Events.commit(before));
        source.tell(resumed(0x50, NEXT, gap(0x11, 0x50)), Events.progress(0x70));
        line.loop.pass(Duration.ofSeconds(20));
        assertThat(source.confirmed).containsExactly("0/70");

        cache.finish("0/10:0");
        notice.finish("0/10:0");
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/70");
        line.assertQuiet();
    }

    @Test
    void f20_onAnotherBranchPositionsMayGoBack() {
        line.start();
        Transaction undone = Events.transaction(0x60);
        source.tell(
                Events.resumed(5),
                Events.begin(undone),
                Events.insert(undone, 0, TABLE, "1"),
                Events.commit(undone),
                Events.progress(0x90));
        source.tell(
                resumed(0x20, new LogIdentity("7000000000000000001", 2, 2), gap(0x30, 0x90)),
                Events.progress(0x40));
        line.loop.pass(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/40");
        cache.finish("0/60:0");
        notice.finish("0/60:0");
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(source.confirmed).containsExactly("0/40");
        line.assertQuiet();
    }

    @Test
    void aTableThatWasNotPublishedBeforeConcernsOnlyTheRulesThatWantIt() {
        FakeHandler other = line.handler("other", "u");
        cache.rebuilds = true;
        other.rebuilds = true;
        line.start();
        source.tell(Events.resumed(5));
        line.warmed.clear();
        line.store.begun.clear();
        Gap missed =
                new Gap(
                        new Lsn(5),
                        new Lsn(9),
                        "These tables were not published before.",
                        Set.of(new TableName("public", "t")));
        source.tell(new ChangeEvent.Missed(missed));

        assertThat(line.store.begun)
                .containsExactly("1 from 0/5 lost [0/5, 0/9) {cache=REBUILT, notice=RECORDED}");
        assertThat(line.warmed).containsExactly("cache before 0 changes");
    }

    @Test
    void everythingCanBeRebuiltOnlyIfEveryRuleCan() {
        line.start();
        assertThat(line.canRebuild()).isFalse();
        cache.rebuilds = true;
        assertThat(line.canRebuild()).isFalse();
        notice.rebuilds = true;
        assertThat(line.canRebuild()).isTrue();
    }
}
