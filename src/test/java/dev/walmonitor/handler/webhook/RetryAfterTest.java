package dev.walmonitor.handler.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-10-21T07:28:00Z");

    @Test
    void secondsAreSeconds() {
        assertThat(pause("0")).isZero();
        assertThat(pause(" 120 ")).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void aDateIsTheTimeUntilThen() {
        assertThat(pause("Wed, 21 Oct 2026 07:29:30 GMT")).isEqualTo(Duration.ofSeconds(90));
        assertThat(pause("Wed, 21 Oct 2026 07:27:00 GMT")).as("in the past").isZero();
    }

    @Test
    void nobodyHoldsARuleUpForLong() {
        assertThat(pause("301")).isEqualTo(RetryAfter.LONGEST);
        assertThat(pause("9".repeat(40))).isEqualTo(RetryAfter.LONGEST);
        assertThat(pause("Fri, 31 Dec 9999 23:59:59 GMT")).isEqualTo(RetryAfter.LONGEST);
    }

    @Test
    void whatSaysNothingIsNoPause() {
        for (String text : new @Nullable String[] {null, "", "-5", "1.5", "soon", "Oct 21"}) {
            assertThat(pause(text)).as(text).isZero();
        }
    }

    private static Duration pause(@Nullable String header) {
        return RetryAfter.of(header, NOW);
    }
}
