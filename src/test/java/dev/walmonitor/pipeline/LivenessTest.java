package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

    private final Liveness liveness = new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(60));
    private long now = 1_000_000_000_000L;

    @BeforeEach
    void begin() {
        liveness.watch();
        liveness.begun(now);
    }

    private void passes(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    private SourceStatus judged(SourceState state, boolean full) {
        return liveness.judge(
                new SourceStatus("main", state, NOW, null, null, null, null, null, 0, List.of()),
                full,
                now,
                NOW);
    }

    private SourceState state() {
        return judged(SourceState.STREAMING, false).state();
    }

    private @Nullable String sentence(boolean full) {
        SourceFailure failure = judged(SourceState.STREAMING, full).failure();
        return failure == null ? null : failure.sentence();
    }

    private void canary(String token, long at) {
        liveness.announced(token, now);
        liveness.written(token, new Lsn(at));
    }

    @Test
    void aStreamIsOnItsWayUntilSomethingWasProved() {
        assertThat(state()).isEqualTo(SourceState.CONNECTING);
        canary("a", 10);
        assertThat(liveness.isWaiting(now)).isTrue();
        passes(1);
        assertThat(liveness.arrived("a", now)).isEqualTo(1_000_000_000L);

        assertThat(state()).isEqualTo(SourceState.STREAMING);
        assertThat(liveness.isWaiting(now)).isFalse();
    }

    @Test
    void aCanaryMayComeBeforeItsWriterHearsOfIt() {
        liveness.announced("a", now);
        assertThat(liveness.arrived("a", now)).isZero();
        liveness.written("a", new Lsn(10));

        assertThat(state()).isEqualTo(SourceState.STREAMING);
        assertThat(liveness.isWaiting(now)).isFalse();
    }

    @Test
    void theCanaryOfAnotherInstanceProvesNothing() {
        canary("a", 10);

        assertThat(liveness.arrived("b", now)).isEqualTo(-1);
        assertThat(state()).isEqualTo(SourceState.CONNECTING);
    }

    @Test
    void f06_aProofHoldsForFifteenSeconds() {
        canary("a", 10);
        assertThat(liveness.arrived("a", now)).isZero();
        passes(15);
        assertThat(state()).isEqualTo(SourceState.STREAMING);
        passes(1);

        assertThat(state()).isEqualTo(SourceState.STALLED);
        assertThat(sentence(false)).isEqualTo("Nothing has come through for more than 15 s.");
        assertThat(judged(SourceState.STREAMING, false).since()).isEqualTo(NOW.minusSeconds(16));
    }

    @Test
    void aStreamThatMovesTowardsTheCanaryIsProved() {
        canary("a", 1_000_000);
        for (int i = 1; i < 100; i++) {
            passes(5);
            liveness.reached(new Lsn(i), now);
            liveness.look(null, now);
            assertThat(state()).isIn(SourceState.STREAMING, SourceState.IDLE);
        }
    }

    @Test
    void f50_aTransactionThatTakesLongIsProvedByWhatComesOfIt() {
        canary("a", 1_000_000);
        for (int i = 1; i < 100; i++) {
            passes(5);
            liveness.look(new Lsn(i), now);
            assertThat(state()).isIn(SourceState.STREAMING, SourceState.IDLE);
        }
        passes(5);
        liveness.look(new Lsn(99), now);
        passes(11);
        assertThat(state()).isEqualTo(SourceState.STALLED);
    }

    @Test
    void aStreamThatRepeatsItselfProvesNothing() {
        canary("a", 1_000_000);
        for (int i = 0; i < 4; i++) {
            liveness.reached(new Lsn(5), now);
            passes(5);
        }

        assertThat(state()).isEqualTo(SourceState.STALLED);
    }

    @Test
    void aStreamThatPassesTheCanaryWithoutItIsNotProved() {
        canary("a", 10);
        liveness.reached(new Lsn(5), now);
        assertThat(state()).isEqualTo(SourceState.STREAMING);
        liveness.reached(new Lsn(11), now);
        liveness.look(null, now);
        assertThat(state())
                .as("it may have been between the record and its commit")
                .isEqualTo(SourceState.STREAMING);
        liveness.reached(new Lsn(12), now);
        liveness.look(null, now);

        assertThat(state()).isEqualTo(SourceState.STALLED);
        assertThat(sentence(false))
                .isEqualTo(
                        "The stream moves, but a message that was written into the log did not come with it.");
        assertThat(liveness.arrived("a", now)).isZero();
        assertThat(state()).isEqualTo(SourceState.STREAMING);
    }

    @Test
    void whereNoCanaryCanBeWrittenTheServersSignsOfLifeHaveToDo() {
        liveness.announced("a", now);
        liveness.cannotWrite("the server is a standby");
        liveness.reached(new Lsn(5), now);
        passes(10);
        liveness.reached(new Lsn(5), now);
        passes(10);
        assertThat(state()).isEqualTo(SourceState.STREAMING);
        passes(6);

        assertThat(sentence(false))
                .isEqualTo(
                        "Nothing has come for more than 15 s, and no canary can be written: the server is a standby");
    }

    @Test
    void aStreamThatIsNotTakenInSaysSo() {
        canary("a", 10);
        passes(16);

        assertThat(sentence(true))
                .isEqualTo(
                        "Nothing was taken in for more than 15 s, as changes that came before are still being handled.");
        assertThat(Objects.requireNonNull(judged(SourceState.STREAMING, true).failure()).remedy())
                .startsWith("Look in the log for the rule that is slow or fails");
    }

    @Test
    void aStreamWithoutWorkIsIdleAfterAMinuteAndWithWorkItIsNot() {
        for (int i = 0; i < 12; i++) {
            canary("c" + i, 10 + i);
            assertThat(liveness.arrived("c" + i, now)).isZero();
            assertThat(state()).isEqualTo(SourceState.STREAMING);
            passes(5);
        }
        assertThat(state()).isEqualTo(SourceState.IDLE);
        liveness.work(now);

        assertThat(state()).isEqualTo(SourceState.STREAMING);
    }

    @Test
    void otherStatesAreTheSourcesOwnWord() {
        passes(100);
        for (SourceState state : SourceState.values()) {
            if (state != SourceState.STREAMING) {
                assertThat(judged(state, false).state()).isEqualTo(state);
            }
        }
    }

    @Test
    void withoutCanariesTheSourceIsTakenAtItsWord() {
        Liveness unwatched = new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(60));
        unwatched.begun(now);
        passes(100);
        SourceStatus status =
                new SourceStatus(
                        "main",
                        SourceState.STREAMING,
                        NOW,
                        null,
                        null,
                        null,
                        null,
                        null,
                        0,
                        List.of());

        assertThat(unwatched.judge(status, false, now, NOW)).isSameAs(status);
    }
}
