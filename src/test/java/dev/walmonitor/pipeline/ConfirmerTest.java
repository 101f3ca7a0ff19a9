package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfirmerTest {
    private final ManualLoop loop = new ManualLoop();
    private final FakeSource source = new FakeSource();
    private final FakeStore store = new FakeStore();
    private Confirmer confirmer = new Confirmer(source, store, loop, Confirmer.Pace.DEFAULT);
    private final List<String> closed = new ArrayList<>();

    private void work(long position) {
        confirmer.moved(new Lsn(position), true);
    }

    private void idle(long position) {
        confirmer.moved(new Lsn(position), false);
    }

    private void close(Duration atMost) {
        confirmer.close(atMost).subscribe().with(ok -> closed.add("closed"));
    }

    @BeforeEach
    void follow() {
        confirmer.follow(Events.LOG);
    }

    @Test
    void workIsConfirmedWithinASecondAndNoSooner() {
        work(1);
        loop.pass(Duration.ofMillis(999));
        assertThat(store.asked).isEmpty();
        work(2);
        loop.pass(Duration.ofMillis(1));

        assertThat(store.asked).containsExactly("0/2");
        assertThat(source.confirmed).containsExactly("0/2");
    }

    @Test
    void workIsConfirmedAtMostOnceASecond() {
        for (int i = 1; i <= 100; i++) {
            work(i);
            loop.pass(Duration.ofMillis(50));
        }

        assertThat(source.confirmed).containsExactly("0/14", "0/28", "0/3C", "0/50", "0/64");
    }

    @Test
    void progressWithoutWorkIsConfirmedAtMostEveryTenSeconds() {
        for (int i = 1; i <= 30; i++) {
            idle(i);
            loop.pass(Duration.ofSeconds(1));
        }

        assertThat(source.confirmed).containsExactly("0/A", "0/14", "0/1E");
    }

    @Test
    void workAfterIdleProgressIsConfirmedWithinASecond() {
        idle(1);
        loop.pass(Duration.ofSeconds(3));
        work(2);
        loop.pass(Duration.ofSeconds(1));
        assertThat(source.confirmed).containsExactly("0/2");

        loop.pass(Duration.ofMinutes(1));
        assertThat(store.asked).as("nothing twice").containsExactly("0/2");
    }

    @Test
    void idleProgressDoesNotPutOffWork() {
        work(1);
        idle(2);
        loop.pass(Duration.ofSeconds(1));

        assertThat(source.confirmed).containsExactly("0/2");
    }

    @Test
    void whatTheDatabaseWaitsForIsConfirmedAtOnceButAtMostTenTimesASecond() {
        for (int i = 1; i <= 1_000; i++) {
            idle(i);
            confirmer.hurry();
            loop.pass(Duration.ofMillis(1));
        }

        assertThat(source.confirmed).hasSizeBetween(9, 10).startsWith("0/64");
    }

    @Test
    void hurryWithNothingToConfirmStoresNothing() {
        confirmer.hurry();
        loop.pass(Duration.ofSeconds(1));

        assertThat(store.asked).isEmpty();
    }

    @Test
    void theSourceIsToldOnlyWhatIsStored() {
        store.slow = true;
        work(1);
        loop.pass(Duration.ofSeconds(1));
        assertThat(store.asked).containsExactly("0/1");
        assertThat(source.confirmed).isEmpty();

        store.answer();
        assertThat(source.confirmed).containsExactly("0/1");
    }

    @Test
    void aSlowStoreIsNeverAskedTwiceAtATimeAndThenForTheNewest() {
        store.slow = true;
        work(1);
        loop.pass(Duration.ofSeconds(1));
        work(2);
        loop.pass(Duration.ofSeconds(3));
        work(3);
        confirmer.hurry();
        loop.pass(Duration.ofSeconds(3));
        assertThat(store.asked).containsExactly("0/1");

        store.answer();
        assertThat(store.asked).containsExactly("0/1", "0/3");
        store.answer();
        assertThat(source.confirmed).containsExactly("0/1", "0/3");
    }

    @Test
    void anAnswerOfTheStoreFromAnotherThreadIsTakenOnTheLoop() {
        store.slow = true;
        work(1);
        loop.pass(Duration.ofSeconds(1));

        loop.elsewhere(store::answer);
        assertThat(source.confirmed).isEmpty();
        loop.settle();
        assertThat(source.confirmed).containsExactly("0/1");
    }

    @Test
    void f35_whileTheStoreFailsNothingIsConfirmedAndThenEverythingIs() {
        store.failure = new IllegalStateException("down");
        work(1);
        loop.pass(Duration.ofSeconds(5));
        work(2);
        idle(3);
        assertThat(store.asked).containsExactly("0/1", "0/1", "0/1", "0/1", "0/1");
        assertThat(source.confirmed).isEmpty();

        store.failure = null;
        loop.pass(Duration.ofSeconds(1));
        assertThat(source.confirmed).containsExactly("0/3");
    }

    @Test
    void aStoreThatFailsIsNotTriedMoreOftenBecauseTheDatabaseWaits() {
        store.failure = new IllegalStateException("shutting down");
        work(1);
        loop.pass(Duration.ofSeconds(1));
        for (int i = 0; i < 3_000; i++) {
            confirmer.hurry();
            loop.pass(Duration.ofMillis(1));
        }

        assertThat(store.asked).hasSize(4);
    }

    @Test
    void aFailureIsTriedAgainInASecondThoughKeepalivesAloneCameMeanwhile() {
        store.slow = true;
        store.failure = new IllegalStateException("down");
        work(1);
        loop.pass(Duration.ofSeconds(1));
        idle(2);
        store.answer();
        store.slow = false;
        store.failure = null;
        loop.pass(Duration.ofSeconds(1));

        assertThat(source.confirmed).containsExactly("0/2");
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tried
    void aStoreThatThrowsOrReturnsNullHasFailed() {
        List<Supplier<@Nullable Uni<Void>>> broken =
                List.of(
                        () -> {
                            throw new IllegalStateException();
                        },
                        () -> null);
        for (Supplier<@Nullable Uni<Void>> first : broken) {
            boolean[] tried = new boolean[1];
            source.confirmed.clear();
            confirmer =
                    new Confirmer(
                            source,
                            new FakeStore() {
                                @Override
                                @SuppressWarnings("NullAway") // stores of the world return null too
                                public Uni<Void> store(String name, Checkpoint checkpoint) {
                                    if (tried[0]) {
                                        return store.store(name, checkpoint);
                                    }
                                    tried[0] = true;
                                    return first.get();
                                }
                            },
                            loop,
                            Confirmer.Pace.DEFAULT);
            confirmer.follow(Events.LOG);
            work(1);
            loop.pass(Duration.ofSeconds(1));
            assertThat(source.confirmed).isEmpty();
            loop.pass(Duration.ofSeconds(1));
            assertThat(source.confirmed).containsExactly("0/1");
        }
    }

    @Test
    void closingConfirmsAtOnce() {
        work(1);
        close(Duration.ofSeconds(2));

        assertThat(source.confirmed).containsExactly("0/1");
        assertThat(closed).hasSize(1);
    }

    @Test
    void closingWithNothingToConfirmIsQuiet() {
        close(Duration.ofSeconds(2));

        assertThat(store.asked).isEmpty();
        assertThat(closed).hasSize(1);
    }

    @Test
    void closingWaitsForWhatIsBeingStoredAndThenConfirmsTheNewest() {
        store.slow = true;
        work(1);
        loop.pass(Duration.ofSeconds(1));
        work(2);
        close(Duration.ofSeconds(2));
        assertThat(store.asked).containsExactly("0/1");
        assertThat(closed).isEmpty();

        store.answer();
        assertThat(store.asked).containsExactly("0/1", "0/2");
        assertThat(closed).isEmpty();
        store.answer();
        assertThat(source.confirmed).containsExactly("0/1", "0/2");
        assertThat(closed).hasSize(1);
    }

    @Test
    void closingWaitsForWhatIsBeingStoredEvenIfNothingNewerIsThere() {
        store.slow = true;
        work(1);
        loop.pass(Duration.ofSeconds(1));
        close(Duration.ofSeconds(2));
        assertThat(closed).isEmpty();

        store.answer();
        assertThat(store.asked).containsExactly("0/1");
        assertThat(source.confirmed).containsExactly("0/1");
        assertThat(closed).hasSize(1);
    }

    @Test
    void closingGivesUpWhenTheStoreFails() {
        store.failure = new IllegalStateException("down");
        work(1);
        close(Duration.ofSeconds(2));

        assertThat(closed).hasSize(1);
        assertThat(source.confirmed).isEmpty();
        loop.pass(Duration.ofMinutes(1));
        assertThat(store.asked).containsExactly("0/1");
    }

    @Test
    void closingTriesTheNewestThoughWhatWasBeingStoredFails() {
        store.slow = true;
        store.failure = new IllegalStateException("for a moment");
        work(1);
        loop.pass(Duration.ofSeconds(1));
        work(2);
        close(Duration.ofSeconds(2));
        store.answer();
        store.failure = null;
        store.answer();

        assertThat(source.confirmed).containsExactly("0/2");
        assertThat(closed).hasSize(1);
    }

    @Test
    void closingGivesUpWhenTheTimeIsUpAndTellsNothingAfterwards() {
        store.slow = true;
        work(1);
        close(Duration.ofSeconds(2));
        loop.pass(Duration.ofSeconds(2));
        assertThat(closed).hasSize(1);

        store.answer();
        work(2);
        confirmer.hurry();
        loop.pass(Duration.ofMinutes(1));
        assertThat(store.asked).containsExactly("0/1");
        assertThat(source.confirmed).isEmpty();
    }
}
