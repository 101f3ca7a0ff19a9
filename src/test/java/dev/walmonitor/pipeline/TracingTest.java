package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.pipeline.RunningPipelines.BoundRule;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Rule.Exhausted;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What whoever follows changes is told of them. */
class TracingTest {
    private static final Relation TABLE = Events.table("t", 1, 0);

    private final List<String> told = new ArrayList<>();
    private final ManualLoop loop = new ManualLoop();
    private final FakeSource source = new FakeSource();
    private final FakeHandler handler = new FakeHandler();

    private final class Follows implements Tracing {
        private final boolean on;

        private Follows(boolean on) {
            this.on = on;
        }

        @Override
        public boolean isOn() {
            return on;
        }

        @Override
        public ChangeHandler traced(Rule rule, ChangeHandler asked, Loop of) {
            told.add("follows " + rule.name());
            return change -> {
                told.add("asks for " + change.id());
                return asked.handle(change);
            };
        }

        @Override
        public void begun(Transaction transaction) {
            told.add("begun " + transaction.commit());
        }

        @Override
        public void setAside(Rule rule, RowChange change, Fate fate) {
            told.add(fate + " " + rule.name() + " " + change.id());
        }
    }

    @CanIgnoreReturnValue
    private RunningPipelines start(boolean on, Rule.Retry retry) {
        RunningPipelines pipelines =
                new RunningPipelines(new SimpleMeterRegistry(), new Follows(on));
        pipelines.open(
                source,
                loop,
                new RunningPipelines.Options(8, Duration.ZERO, Duration.ofSeconds(60)),
                new FakeStore(),
                new MemoryParking());
        pipelines.begin("main", List.of(new BoundRule(Rules.of("r", "t", retry), handler)));
        source.tell(Events.resumed(1));
        return pipelines;
    }

    private static Rule.Retry once(Exhausted exhausted) {
        return new Rule.Retry(Duration.ofMillis(100), Duration.ofSeconds(1), 1, exhausted);
    }

    private void tell(long commit) {
        Transaction transaction = Events.transaction(commit);
        List<ChangeEvent> events =
                List.of(
                        Events.begin(transaction),
                        Events.insert(transaction, 0, TABLE, "1"),
                        Events.commit(transaction));
        source.tell(events.toArray(ChangeEvent[]::new));
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            // what is due is told by the clock, what wakes up by the loop
            await().until(() -> {
                loop.pass(Duration.ofMillis(10));
                return !handler.running().isEmpty();
            });
            handler.fail("0/10:0");
        }
    }

    @Test
    void nobodyIsToldAnythingWhileNothingIsFollowed() {
        start(false, Rules.RETRY);
        tell(0x10);
        fail(3);

        assertThat(told).isEmpty();
        assertThat(handler.begun).isNotEmpty();
    }

    @Test
    void aChangeIsFollowedFromItsTransactionToItsHandler() {
        start(true, Rules.RETRY);
        tell(0x10);
        handler.finish("0/10:0");

        assertThat(told).containsExactly("follows r", "begun 0/10", "asks for 0/10:0");
    }

    @Test
    void aChangeThatFailsIsParkedAndAskedForAgain() {
        start(true, new Rule.Retry(Duration.ofMillis(1), Duration.ofMillis(2)));
        tell(0x10);
        told.clear();
        fail(4);

        assertThat(told.subList(0, 5))
                .containsExactly(
                        "asks for 0/10:0",
                        "asks for 0/10:0",
                        "PARKED r 0/10:0",
                        "asks for 0/10:0",
                        "PARKED r 0/10:0");
    }

    @Test
    void aChangeOfAPausedRuleIsParkedWithoutBeingAskedFor() {
        RunningPipelines pipelines = start(true, Rules.RETRY);
        assertThat(pipelines.pause("main", "r", "as the test wants it")).isTrue();
        tell(0x10);

        assertThat(told).containsExactly("follows r", "begun 0/10", "PARKED r 0/10:0");
    }

    @Test
    void aDeadLetterSaysSo() {
        start(true, once(Exhausted.DEAD_LETTER));
        tell(0x10);
        fail(1);

        assertThat(told)
                .containsExactly("follows r", "begun 0/10", "asks for 0/10:0", "DEAD r 0/10:0");
    }

    @Test
    void aChangeThatIsDroppedSaysSo() {
        start(true, once(Exhausted.DROP));
        tell(0x10);
        fail(1);

        assertThat(told)
                .containsExactly("follows r", "begun 0/10", "asks for 0/10:0", "DROPPED r 0/10:0");
    }
}
