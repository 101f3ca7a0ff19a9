package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Transaction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Eight seconds to leave: six for the handlers, one to store and confirm, one to close. */
class DrainTest {
    private static final Relation TABLE = Events.table("t", 1, 0);
    private static final Transaction FIRST = Events.transaction(0x10);
    private static final Transaction SECOND = Events.transaction(0x20);
    private static final Duration EIGHT_SECONDS = Duration.ofSeconds(8);

    private final TestLine line = new TestLine();
    private final FakeSource source = line.source;
    private final FakeHandler handler = line.handler("r", "*");
    private final List<String> drained = new ArrayList<>();

    private void drain() {
        line.pipeline().drain(EIGHT_SECONDS).subscribe().with(ok -> drained.add("drained"));
    }

    private void startWithTwoTransactions() {
        line.start();
        line.transaction(FIRST, Events.insert(FIRST, 0, TABLE, "1"));
        line.transaction(SECOND, Events.insert(SECOND, 0, TABLE, "1"));
    }

    @Test
    void anIdlePipelineIsDrainedAtOnce() {
        line.start();
        drain();

        assertThat(drained).hasSize(1);
        assertThat(source.closed).isTrue();
    }

    @Test
    void aPipelineThatWasNeverStartedIsDrainedToo() {
        Router router = new Router("main", new SimpleMeterRegistry());
        Pipeline idle =
                new Pipeline(
                        source,
                        router,
                        new Confirmer(source, line.store, line.loop, Confirmer.Pace.DEFAULT),
                        new LogBook("main", line.store, line.loop, router, line),
                        line.liveness,
                        line.loop,
                        Pipeline.Bounds.DEFAULT,
                        line);
        idle.drain(EIGHT_SECONDS).subscribe().with(ok -> drained.add("drained"));

        assertThat(drained).hasSize(1);
    }

    @Test
    void f29_whatWasTakenInIsDoneAndConfirmedBeforeTheSourceIsClosed() {
        startWithTwoTransactions();
        drain();
        handler.finish("0/10:0");
        assertThat(source.closed).isFalse();
        handler.finish("0/20:0");

        assertThat(source.confirmed).containsExactly("0/21");
        assertThat(source.closed).isTrue();
        assertThat(drained).hasSize(1);
    }

    @Test
    void nothingMoreIsTakenIn() {
        startWithTwoTransactions();
        assertThat(source.isAsked()).isTrue();
        drain();
        Transaction late = Events.transaction(0x30);
        line.transaction(late, Events.insert(late, 0, TABLE, "2"));
        handler.finish("0/10:0");
        handler.finish("0/20:0");

        assertThat(handler.begun).containsExactly("0/10:0", "0/20:0");
        assertThat(source.isAsked()).isFalse();
        assertThat(source.confirmed).containsExactly("0/21");
    }

    private void startWithHalfATransaction() {
        line.start();
        source.tell(Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"));
        handler.finish("0/10:0");
    }

    @Test
    void f29_theTransactionThatIsBeingReadIsReadToItsEndAndNotBeyond() {
        startWithHalfATransaction();
        drain();
        assertThat(drained).isEmpty();
        source.tell(
                Events.insert(FIRST, 1, TABLE, "2"),
                Events.commit(FIRST),
                Events.begin(SECOND),
                Events.insert(SECOND, 0, TABLE, "1"));
        handler.finish("0/10:1");

        assertThat(handler.begun).containsExactly("0/10:0", "0/10:1");
        assertThat(source.confirmed).containsExactly("0/11");
        assertThat(drained).hasSize(1);
    }

    @Test
    void aTransactionWhoseEndDoesNotComeIsWaitedForForThreeSeconds() {
        startWithHalfATransaction();
        drain();
        line.loop.pass(Duration.ofMillis(2_999));
        assertThat(drained).isEmpty();
        line.loop.pass(Duration.ofMillis(1));

        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).isEmpty();
    }

    @Test
    void aTransactionWhoseStreamBreaksIsNotWaitedFor() {
        startWithHalfATransaction();
        drain();
        source.tell(Events.resumed(0));

        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).isEmpty();
    }

    @Test
    void mayBeAskedForFromAnyThread() {
        startWithTwoTransactions();
        line.loop.elsewhere(this::drain);
        line.loop.settle();
        line.loop.elsewhere(() -> handler.finish("0/10:0"));
        line.loop.settle();
        line.loop.elsewhere(() -> handler.finish("0/20:0"));
        line.loop.settle();

        assertThat(source.confirmed).containsExactly("0/21");
        assertThat(drained).hasSize(1);
    }

    @Test
    void aHandlerThatDoesNotEndHoldsItUpForSixSecondsAndWhatIsDoneIsConfirmed() {
        startWithTwoTransactions();
        drain();
        handler.finish("0/10:0");
        line.loop.pass(Duration.ofMillis(5_999));
        assertThat(drained).isEmpty();
        line.loop.pass(Duration.ofMillis(1));

        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).containsExactly("0/11");
        handler.finish("0/20:0");
        line.loop.pass(Duration.ofMinutes(1));
        assertThat(source.confirmed).as("the source is closed").containsExactly("0/11");
    }

    @Test
    void whatFailsIsTriedAgainMeanwhile() {
        startWithTwoTransactions();
        drain();
        handler.fail("0/10:0");
        line.loop.pass(Duration.ofMillis(100));
        handler.finish("0/10:0");
        handler.finish("0/20:0");

        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).containsExactly("0/21");
    }

    @Test
    void whatFailsToTheEndIsNotTriedAgainAfterwards() {
        startWithTwoTransactions();
        drain();
        for (int i = 0; i < 100; i++) {
            handler.running().forEach(handler::fail);
            line.loop.pass(Duration.ofMillis(100));
        }
        int attempts = handler.begun.size();
        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).isEmpty();

        line.loop.pass(Duration.ofMinutes(10));
        assertThat(handler.begun).hasSize(attempts).doesNotContain("0/20:0");
    }

    @Test
    void aStoreThatIsBusyIsWaitedForAndThenAskedForTheNewest() {
        line.store.slow = true;
        startWithTwoTransactions();
        handler.finish("0/10:0");
        line.loop.pass(Duration.ofSeconds(1));
        drain();
        handler.finish("0/20:0");
        assertThat(line.store.asked).containsExactly("0/11");
        line.store.answer();
        line.store.answer();

        assertThat(line.store.asked).containsExactly("0/11", "0/21");
        assertThat(source.confirmed).containsExactly("0/11", "0/21");
        assertThat(drained).hasSize(1);
    }

    @Test
    void aStoreThatDoesNotAnswerHoldsItUpForASecond() {
        line.store.slow = true;
        startWithTwoTransactions();
        handler.finish("0/10:0");
        handler.finish("0/20:0");
        drain();
        line.loop.pass(Duration.ofMillis(999));
        assertThat(drained).isEmpty();
        line.loop.pass(Duration.ofMillis(1));

        assertThat(drained).hasSize(1);
        assertThat(source.confirmed).isEmpty();
        assertThat(source.closed).isTrue();
    }

    @Test
    void aSourceThatDoesNotCloseHoldsItUpForNoLongerThanThereIsTime() {
        source.closing = Uni.createFrom().nothing();
        startWithTwoTransactions();
        drain();
        line.loop.pass(Duration.ofMillis(7_999));
        assertThat(drained).isEmpty();
        line.loop.pass(Duration.ofMillis(1));

        assertThat(drained).hasSize(1);
    }

    @Test
    void aSourceThatFailsToCloseIsLeftAllTheSame() {
        source.closing = Uni.createFrom().failure(new IllegalStateException("broken pipe"));
        line.start();
        drain();

        assertThat(drained).hasSize(1);
    }
}
