package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule.Retry;
import dev.walmonitor.sink.sql.Queries.Mark;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Time is the test's own; a refresh ends when the test ends it. */
class KeyRefreshTest {
    private static final HandlerResult REFRESHED = HandlerResult.of("refreshed");
    private static final Retry RETRY = new Retry(Duration.ofMillis(100), Duration.ofSeconds(3));

    /** No randomness: a delay is what it is at most. */
    private static final RandomGenerator LONGEST = () -> 0;

    private record Read(
            Set<Mark> marks, boolean always, UniEmitter<? super KeyRefresh.Outcome> end) {
        Set<Integer> xids() {
            return marks.stream().map(Mark::xid).collect(Collectors.toSet());
        }

        void ends(Integer... unseen) {
            Set<Mark> marks =
                    Arrays.stream(unseen).map(xid -> new Mark(xid, 0)).collect(Collectors.toSet());
            end.complete(new KeyRefresh.Outcome(marks, REFRESHED));
        }

        void fails(String message) {
            end.fail(new IllegalStateException(message));
        }
    }

    private final ManualLoop loop = new ManualLoop();
    private final Deque<Read> reads = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final List<Integer> covered = new ArrayList<>();
    private final List<Integer> givenBack = new ArrayList<>();
    private final KeyRefresh refresh =
            new KeyRefresh(
                    loop,
                    (marks, always) ->
                            Uni.createFrom().emitter(e -> reads.add(new Read(marks, always, e))),
                    RETRY,
                    LONGEST,
                    new KeyRefresh.Observer() {
                        @Override
                        public void started(Reason reason) {
                            log.add(reason.word());
                        }

                        @Override
                        public void idle(KeyRefresh refresh) {
                            log.add("idle");
                        }

                        @Override
                        public void failed(
                                Throwable failure, int failures, int waiting, Duration delay) {
                            log.add(
                                    "failure %d, %d wait %d ms"
                                            .formatted(failures, waiting, delay.toMillis()));
                        }

                        @Override
                        public void recovered(int failures) {
                            log.add("recovered after " + failures);
                        }
                    });

    @Test
    void theFirstRefreshStartsAtOnce() {
        change(7);

        assertThat(reads.remove().xids()).containsExactly(7);
        assertThat(log).containsExactly("change");
    }

    @Test
    void whileOneRunsAllOthersWaitForOneMore() {
        change(1);
        Read first = reads.remove();
        for (int xid = 2; xid <= 1000; xid++) {
            change(xid);
        }
        assertThat(reads).isEmpty();

        loop.pass(Duration.ofMillis(2));
        first.ends();
        assertThat(covered).containsExactly(1);
        loop.pass(Duration.ofMillis(18));

        Read second = reads.remove();
        assertThat(second.xids()).hasSize(999);
        second.ends();
        assertThat(covered).hasSize(1000);
        loop.pass(Duration.ofHours(1));
        assertThat(log).containsExactly("change", "change", "idle");
    }

    @Test
    void theNextStartsNoSoonerThanTenTimesTheCostAfterTheLastBegan() {
        change(1);
        loop.pass(Duration.ofMillis(20));
        reads.remove().ends();
        change(2);

        loop.pass(Duration.ofMillis(179));
        assertThat(reads).isEmpty();
        loop.pass(Duration.ofMillis(1));
        assertThat(reads).hasSize(1);
    }

    @Test
    void aSlowQueryHoldsUpTheNextForASecondAtMost() {
        change(1);
        loop.pass(Duration.ofMillis(400));
        reads.remove().ends();
        change(2);

        loop.pass(Duration.ofMillis(599));
        assertThat(reads).isEmpty();
        loop.pass(Duration.ofMillis(1));
        reads.remove();

        loop.pass(Duration.ofSeconds(5));
        change(3);
        assertThat(reads).isEmpty();
    }

    @Test
    void whatCostNothingHoldsUpNothing() {
        change(1);
        reads.remove().ends();
        change(2);

        assertThat(reads).hasSize(1);
    }

    @Test
    void onlyTheLastOfAllThatAreCoveredTellsWhatWasDone() {
        List<HandlerResult> results = new ArrayList<>();
        for (int xid = 1; xid <= 4; xid++) {
            refresh.cover(new Mark(xid, 0)).subscribe().with(results::add);
        }
        reads.remove().ends();
        assertThat(results).containsExactly(REFRESHED);
        results.clear();

        reads.remove().ends();
        assertThat(results)
                .containsExactly(
                        HandlerResult.NONE, HandlerResult.NONE, REFRESHED.with("changes", 3));
    }

    @Test
    void f63_aChangeThatWasNotSeenIsReadForAgain() {
        change(5);
        reads.remove().ends(5);
        assertThat(covered).isEmpty();

        loop.pass(Duration.ofMillis(5));
        reads.remove().ends(5);
        loop.pass(Duration.ofMillis(9));
        assertThat(reads).isEmpty();
        loop.pass(Duration.ofMillis(1));
        assertThat(reads.element().xids()).containsExactly(5);
        reads.remove().ends();

        assertThat(covered).containsExactly(5);
        assertThat(log).containsExactly("change", "change", "change", "idle");
    }

    @Test
    void f63_whoWasSeenDoesNotWaitForWhoWasNot() {
        change(1);
        Read first = reads.remove();
        change(9);
        change(8);
        change(10);
        first.ends();
        reads.remove().ends(8);

        assertThat(covered).containsExactly(1, 9, 10);
        change(11);
        loop.pass(Duration.ofMillis(5));
        Read third = reads.remove();
        assertThat(third.xids()).containsExactly(8, 11);
        third.ends();
        assertThat(covered).containsExactly(1, 9, 10, 8, 11);
    }

    @Test
    void whatIsNeverSeenIsAskedForAFewTimesASecond() {
        change(5);
        int looks = 0;
        for (int millis = 0; millis < 60_000; millis++) {
            while (!reads.isEmpty()) {
                looks++;
                assertThat(looks).isLessThan(1000);
                reads.remove().ends(5);
            }
            loop.pass(Duration.ofMillis(1));
        }

        assertThat(looks).isBetween(240, 250);
    }

    @Test
    void whateverFailsIsTriedAgainOnceForAllWithGrowingDelays() {
        change(1);
        reads.remove().fails("down");
        change(2);
        change(3);
        assertThat(reads).isEmpty();

        loop.pass(Duration.ofMillis(100));
        assertThat(reads.element().xids()).containsExactly(1, 2, 3);
        reads.remove().fails("down");
        loop.pass(Duration.ofMillis(199));
        assertThat(reads).isEmpty();
        loop.pass(Duration.ofMillis(1));
        reads.remove().ends();

        assertThat(covered).containsExactly(1, 2, 3);
        assertThat(log)
                .containsExactly(
                        "change",
                        "failure 1, 1 wait 100 ms",
                        "change",
                        "failure 2, 3 wait 200 ms",
                        "change",
                        "recovered after 2",
                        "idle");
    }

    @Test
    void aLongOutageIsAskedForAtTheLongestDelay() {
        refresh.refresh(Reason.WARM).subscribe().with(result -> log.add(result.toString()));
        for (int failures = 0; failures < 50; failures++) {
            reads.remove().fails("down");
            loop.pass(Duration.ofSeconds(3));
        }
        assertThat(reads).hasSize(1);
        assertThat(loop.timers()).isZero();
    }

    @Test
    void afterThreeFailuresChangesWaitElsewhereUntilItIsTriedAgain() {
        change(1);
        reads.remove().fails("down");
        loop.pass(Duration.ofMillis(100));
        reads.remove().fails("down");
        change(2);
        loop.pass(Duration.ofMillis(200));
        reads.remove().fails("down");
        change(3);
        assertThat(givenBack).containsExactly(1, 2, 3);

        loop.pass(Duration.ofMillis(400));
        assertThat(reads).isEmpty();
        change(4);
        reads.remove().ends();
        change(5);
        loop.pass(Duration.ofSeconds(1));
        reads.remove().ends();
        assertThat(covered).containsExactly(4, 5);
    }

    @Test
    void aWarmStartIsWrittenWhateverItSees() {
        refresh.refresh(Reason.WARM).subscribe().with(result -> log.add(result.toString()));

        assertThat(reads.element().always()).isTrue();
        reads.remove().ends();
        assertThat(log).containsExactly("warm", "refreshed", "idle");
    }

    @Test
    void withoutAReasonNothingIsRead() {
        change(1);
        reads.remove().ends();
        loop.pass(Duration.ofDays(30));

        assertThat(reads).isEmpty();
    }

    /**
     * Any order of events: each change is covered by a read that began after it came and saw it.
     */
    @Test
    void noChangeIsLostWhateverHappens() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        int[] due = {0};
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> change(++due[0]);
                case 3 -> loop.pass(Duration.ofMillis(random.nextInt(50)));
                case 4 -> endOne(random);
                default -> {
                    if (!reads.isEmpty() && random.nextInt(5) == 0) {
                        reads.remove().fails("down");
                    }
                }
            }
            assertThat(reads).as("seed %d", seed).hasSizeLessThanOrEqualTo(1);
        }
        while (covered.size() < due[0]) {
            List<Integer> again = List.copyOf(givenBack);
            givenBack.clear();
            again.forEach(this::change);
            loop.pass(Duration.ofSeconds(5));
            if (!reads.isEmpty()) {
                reads.remove().ends();
            }
        }
        assertThat(new TreeSet<>(covered)).as("seed %d", seed).hasSize(due[0]);
        assertThat(covered).as("seed %d", seed).hasSize(due[0]);
    }

    private void endOne(Random random) {
        if (reads.isEmpty()) {
            return;
        }
        Read read = reads.remove();
        Integer[] unseen =
                read.xids().stream().filter(x -> random.nextInt(4) == 0).toArray(Integer[]::new);
        int before = covered.size();
        read.ends(unseen);
        assertThat(covered.subList(before, covered.size()))
                .noneMatch(xid -> Arrays.asList(unseen).contains(xid));
    }

    private void change(int xid) {
        refresh.cover(new Mark(xid, 0))
                .subscribe()
                .with(result -> covered.add(xid), failure -> givenBack.add(xid));
    }
}
