package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration MOST = Duration.ofSeconds(30);

    @Test
    void doublesUpToTheMost() {
        Backoff backoff = new Backoff(FIRST, MOST, () -> 0L);

        assertThat(backoff.after(1)).isEqualTo(Duration.ofMillis(500));
        assertThat(backoff.after(2)).isEqualTo(Duration.ofSeconds(1));
        assertThat(backoff.after(6)).isEqualTo(Duration.ofSeconds(16));
        assertThat(backoff.after(7)).isEqualTo(MOST);
        assertThat(backoff.after(1_000)).isEqualTo(MOST);
        assertThat(backoff.after(Integer.MAX_VALUE)).isEqualTo(MOST);
    }

    @Test
    void takesOffUpToAHalfByChance() {
        Backoff backoff = new Backoff(FIRST, MOST, new Random(1));

        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.after(1)).isBetween(Duration.ofMillis(250), FIRST);
            assertThat(backoff.after(50)).isBetween(Duration.ofSeconds(15), MOST);
        }
    }

    @Test
    void neverWaitsLongerThanTheMostThoughTheFirstIsLonger() {
        assertThat(new Backoff(Duration.ofHours(1), MOST, () -> 0L).after(1)).isEqualTo(MOST);
    }

    @Test
    void mayBeNothing() {
        assertThat(new Backoff(Duration.ZERO, MOST, new Random(1)).after(9))
                .isEqualTo(Duration.ZERO);
    }
}
