package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.postgres.wire.ReadGate.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadPacerTest {
    private final List<Boolean> reading = new ArrayList<>();
    private final List<Runnable> timers = new ArrayList<>();
    private final List<Duration> rests = new ArrayList<>();
    private long now = 1_000_000_000L;
    private final ReadGate gate = new ReadGate(reading::add);
    private final ReadPacer pacer =
            new ReadPacer(
                    gate,
                    () -> now,
                    (delay, task) -> {
                        rests.add(delay);
                        timers.add(task);
                    });

    private void burst(int frames, long micros) {
        for (int i = 0; i < frames; i++) {
            pacer.frame();
        }
        now += micros * 1_000;
        pacer.burstEnd();
    }

    @Test
    void restsAfterMoreThanThirtyTwoMessagesAMillisecondForFourOfThem() {
        burst(129, 3_900);

        assertThat(reading).containsExactly(false);
        assertThat(rests).containsExactly(ReadPacer.REST);
        timers.removeFirst().run();
        assertThat(reading).containsExactly(false, true);
    }

    @Test
    void restsLongerTheLongerItIsBehindAndBrieflyAfterItHasCaughtUp() {
        for (int i = 0; i < 30; i++) {
            burst(1_000, 2_000);
            timers.removeFirst().run();
        }
        assertThat(rests).hasSize(30).isSorted();
        assertThat(rests.subList(0, 5).stream().map(Duration::toNanos))
                .containsExactly(500_000L, 500_000L, 500_000L, 500_000L, 1_000_000L);
        assertThat(rests.subList(16, 30)).containsOnly(ReadPacer.LONGEST_REST);
        assertThat(ReadPacer.LONGEST_REST).isEqualTo(Duration.ofMillis(8));

        burst(10, 2_000);
        burst(1_000, 2_000);
        assertThat(rests.getLast()).isEqualTo(ReadPacer.REST);
    }

    @Test
    void countsOverSeveralBursts() {
        burst(80, 1_500);
        burst(80, 1_500);

        assertThat(reading).containsExactly(false);
    }

    @Test
    void commitsThatComeTogetherAreNotBehind() {
        for (int i = 0; i < 100; i++) {
            burst(48, 200);
            burst(12, 3_900);
        }
        assertThat(reading).isEmpty();
    }

    @Test
    void whileItIsBehindOneMillisecondIsEnough() {
        burst(1_000, 2_000);
        timers.removeFirst().run();

        burst(33, 900);
        assertThat(rests).hasSize(2);
    }

    @Test
    void readsAtOnceWhileMessagesComeSlowly() {
        for (int i = 0; i < 100; i++) {
            burst(15, 1_000);
            burst(15, 1_000);
        }
        assertThat(reading).isEmpty();
    }

    @Test
    void aLongBurstCountsByItsRateAndNotByItsLength() {
        burst(8_000, 4_000);
        assertThat(reading).containsExactly(false);
        timers.removeFirst().run();

        burst(100, 4_000); // 25 a millisecond
        assertThat(reading).containsExactly(false, true);
    }

    @Test
    void theFirstBurstAfterAnIdleTimeIsNotBehind() {
        now += 60_000_000_000L;
        burst(1_000, 100);
        assertThat(reading).isEmpty();

        burst(1_000, 100);
        assertThat(reading).containsExactly(false);
    }

    @Test
    void theRestOfThePacerDoesNotEndAPauseForWantOfDemand() {
        burst(200, 100);
        gate.shut(Reason.NO_DEMAND);
        timers.removeFirst().run();
        assertThat(reading).containsExactly(false);

        gate.open(Reason.NO_DEMAND);
        assertThat(reading).containsExactly(false, true);
    }

    @Test
    void newDemandDoesNotEndTheRestOfThePacer() {
        gate.shut(Reason.NO_DEMAND);
        burst(200, 100);
        gate.open(Reason.NO_DEMAND);
        assertThat(reading).containsExactly(false);

        timers.removeFirst().run();
        assertThat(reading).containsExactly(false, true);
    }

    @Test
    void openingAndShuttingTwiceIsTheSameAsOnce() {
        gate.open(Reason.PACE);
        gate.shut(Reason.PACE);
        gate.shut(Reason.PACE);
        gate.open(Reason.PACE);
        gate.open(Reason.PACE);
        assertThat(reading).containsExactly(false, true);
    }
}
