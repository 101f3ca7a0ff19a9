package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuietTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Quiet NIGHT = new Quiet(LocalTime.of(22, 0), LocalTime.of(7, 0), BERLIN);
    private static final Quiet LUNCH = new Quiet(LocalTime.of(12, 0), LocalTime.of(13, 0), BERLIN);

    @Test
    void aNightGoesOverMidnight() {
        assertThat(end(NIGHT, "2026-01-01T20:59:59Z")).isEmpty();
        assertThat(end(NIGHT, "2026-01-01T21:00:00Z")).contains(at("2026-01-02T06:00:00Z"));
        assertThat(end(NIGHT, "2026-01-02T05:59:59Z")).contains(at("2026-01-02T06:00:00Z"));
        assertThat(end(NIGHT, "2026-01-02T06:00:00Z")).isEmpty();
    }

    @Test
    void aNightInWhichClocksChangeEndsAtItsHour() {
        assertThat(end(NIGHT, "2026-03-28T22:00:00Z")).contains(at("2026-03-29T05:00:00Z"));
        assertThat(end(NIGHT, "2026-10-24T21:00:00Z")).contains(at("2026-10-25T06:00:00Z"));
    }

    @Test
    void aTimeOfTheDayIsWithinTheDay() {
        assertThat(end(LUNCH, "2026-01-01T10:59:59Z")).isEmpty();
        assertThat(end(LUNCH, "2026-01-01T11:00:00Z")).contains(at("2026-01-01T12:00:00Z"));
        assertThat(end(LUNCH, "2026-01-01T12:00:00Z")).isEmpty();
    }

    private static Optional<Instant> end(Quiet quiet, String now) {
        return quiet.end(at(now));
    }

    private static Instant at(String text) {
        return Instant.parse(text);
    }
}
