package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.Resolutions.Choice;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResolutionsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");

    /** As it is without a setting. */
    record Config(Duration interval) implements MetricsConfig {
        @Override
        public Duration sumUpEvery() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Duration keep() {
            return Duration.ofDays(1);
        }

        @Override
        public Duration keepMinutes() {
            return Duration.ofDays(14);
        }

        @Override
        public Duration keepHours() {
            return Duration.ofDays(400);
        }

        @Override
        public Duration keepStatuses() {
            return Duration.ofDays(400);
        }
    }

    private final Resolutions resolutions = new Resolutions(new Config(Duration.ofSeconds(10)));

    @Test
    void theCoarsestRowsThatAreFineEnoughAreRead() {
        assertThat(choice("1h", 10)).isEqualTo(new Choice(10, 10));
        assertThat(choice("1h", 59)).isEqualTo(new Choice(10, 59));
        assertThat(choice("1h", 60)).isEqualTo(new Choice(60, 60));
        assertThat(choice("1h", 3600)).isEqualTo(new Choice(3600, 3600));
        assertThat(choice("1h", 86400)).isEqualTo(new Choice(3600, 86400));
    }

    @Test
    void aStepThatIsFinerThanTheRowsIsThatOfTheRows() {
        assertThat(choice("1h", 1)).isEqualTo(new Choice(10, 10));
    }

    @Test
    void whatIsOlderThanTheFinerRowsIsReadFromCoarserOnes() {
        assertThat(choice("25h", 10)).isEqualTo(new Choice(60, 60));
        assertThat(choice("360h", 10)).isEqualTo(new Choice(3600, 3600));
        assertThat(choice("20000h", 10)).isEqualTo(new Choice(3600, 3600));
    }

    @Test
    void anIntervalOfAMinuteOrMoreNeedsNoSumsByMinute() {
        assertThat(resolutions.all()).containsExactly(10, 60, 3600);
        assertThat(new Resolutions(new Config(Duration.ofSeconds(60))).all())
                .containsExactly(60, 3600);
        assertThat(new Resolutions(new Config(Duration.ofHours(9))).all()).containsExactly(3600);
        assertThat(new Resolutions(new Config(Duration.ZERO)).all()).containsExactly(1, 60, 3600);
    }

    private Choice choice(String ago, int step) {
        Duration age = Duration.parse("PT" + ago.toUpperCase(java.util.Locale.ROOT));
        return resolutions.choose(NOW.minus(age), Duration.ofSeconds(step), NOW);
    }
}
