package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void asksAtHalfTheTimeAndGivesUpAtTheWhole() {
        Silence silence = new Silence(Duration.ofSeconds(10), 0);

        assertThat(silence.isSuspicious(4 * SECOND)).isFalse();
        assertThat(silence.isSuspicious(5 * SECOND)).isTrue();
        assertThat(silence.isStall(7 * SECOND)).isFalse();
        assertThat(silence.isStall(8 * SECOND)).isTrue();
        assertThat(silence.isTooLong(9 * SECOND)).isFalse();
        assertThat(silence.isTooLong(10 * SECOND)).isTrue();

        silence.heard(9 * SECOND);
        assertThat(silence.isSuspicious(13 * SECOND)).isFalse();
        assertThat(silence.isTooLong(18 * SECOND)).isFalse();
    }

    @Test
    void aServerThatPromisesNothingHasHalfAMinute() {
        Silence silence = new Silence(Duration.ZERO, 0);

        assertThat(silence.limit()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theServerHearsFromUsAtLeastThreeTimesInItsTimeout() {
        Silence silence = new Silence(Duration.ofSeconds(6), 0);

        assertThat(silence.statusInterval(Duration.ofSeconds(10))).isEqualTo(Duration.ofSeconds(2));
        assertThat(silence.statusInterval(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(silence.tick()).isEqualTo(Duration.ofMillis(600));
    }
}
