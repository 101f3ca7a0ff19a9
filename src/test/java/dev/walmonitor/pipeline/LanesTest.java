package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LanesTest {
    private static final Transaction TRANSACTION = Events.transaction(16);
    private static final RuleRunner NOBODY =
            new RuleRunner(
                    Rules.of("r", "t"),
                    change -> Uni.createFrom().item(HandlerResult.NONE),
                    1,
                    new ManualLoop(),
                    InstantSource.system(),
                    new Random(1),
                    new RuleMeters(new SimpleMeterRegistry(), "main", "r"),
                    (task, result, nanos) -> {});

    private final List<Task> started = new ArrayList<>();
    private final Lanes<Task> lanes = new Lanes<>(4, started::add);

    private static Task task(long lanes) {
        RowChange change = Events.insert(TRANSACTION, 0, Events.table("t", 1, 0), "1");
        return new Task(NOBODY, change, new Watermark().begin(TRANSACTION, 0), 1, lanes, false);
    }

    private Task submit(long occupied) {
        Task task = task(occupied);
        lanes.submit(task);
        return task;
    }

    @Test
    void tasksOfOneLaneRunOneAfterTheOther() {
        Task first = submit(1);
        Task second = submit(1);
        Task third = submit(1);
        assertThat(started).containsExactly(first);

        lanes.finished(first);
        assertThat(started).containsExactly(first, second);
        lanes.finished(second);
        assertThat(started).containsExactly(first, second, third);
    }

    @Test
    void tasksOfDifferentLanesRunAtTheSameTime() {
        Task first = submit(1);
        Task second = submit(2);

        assertThat(started).containsExactly(first, second);
    }

    @Test
    void aTaskInTwoLanesWaitsForBothAndHoldsUpBoth() {
        Task one = submit(1);
        Task two = submit(2);
        Task both = submit(3);
        Task afterOne = submit(1);
        Task afterTwo = submit(2);
        Task free = submit(4);

        lanes.finished(two);
        assertThat(started).containsExactly(one, two, free);
        lanes.finished(one);
        assertThat(started).containsExactly(one, two, free, both);
        lanes.finished(both);
        assertThat(started).containsExactly(one, two, free, both, afterOne, afterTwo);
    }

    @Test
    void aTaskInAllLanesIsABarrier() {
        Task one = submit(1);
        Task eight = submit(8);
        Task barrier = submit(lanes.all());
        Task after = submit(2);

        lanes.finished(one);
        lanes.finished(eight);
        assertThat(started).containsExactly(one, eight, barrier);
        lanes.finished(barrier);
        assertThat(started).containsExactly(one, eight, barrier, after);
    }

    @Test
    void aLongQueueOfTasksThatAreDoneAtOnceIsNoDeepStack() {
        List<Lanes<Task>> itself = new ArrayList<>();
        List<Task> done = new ArrayList<>();
        Task gate = task(1);
        itself.add(
                new Lanes<>(
                        4,
                        task -> {
                            if (task != gate) {
                                done.add(task);
                                itself.getFirst().finished(task);
                            }
                        }));
        itself.getFirst().submit(gate);
        for (int i = 0; i < 20_000; i++) {
            itself.getFirst().submit(task(1));
        }

        itself.getFirst().finished(gate);

        assertThat(done).hasSize(20_000);
    }

    @Test
    void aKeyHasAlwaysTheSameLaneAndManyKeysUseAll() {
        long used = 0;
        for (int hash = 0; hash < 100; hash++) {
            assertThat(lanes.lane(hash)).isEqualTo(lanes.lane(hash)).isPositive();
            assertThat(Long.bitCount(lanes.lane(hash))).isEqualTo(1);
            used |= lanes.lane(hash);
        }
        assertThat(used).isEqualTo(lanes.all()).isEqualTo(0b1111);
    }

    @Test
    void sixtyFourLanesAreTheMost() {
        assertThat(new Lanes<Task>(64, started::add).all()).isEqualTo(-1L);
        assertThatThrownBy(() -> new Lanes<Task>(65, started::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expected 1 to 64 lanes, got 65");
        assertThatThrownBy(() -> new Lanes<Task>(0, started::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expected 1 to 64 lanes, got 0");
    }

    @Test
    void onlyWhatRunsCanFinish() {
        Task running = submit(1);
        Task waiting = submit(1);
        assertThat(started).containsExactly(running);

        assertThatThrownBy(() -> lanes.finished(waiting))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("A task was finished that was not at the head of its lane");
    }
}
