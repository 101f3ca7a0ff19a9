package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.SourceRepository;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Parameters of a query that several resources have, as they were written. */
final class Parameters {
    private static final int FIRST_YEAR = 1970;

    /** Before it PostgreSQL counts otherwise, and nothing of ours was. */
    private static final int FIRST_YEAR_OF_ALL = 1;

    private static final int LAST_YEAR = 9999;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration LONGEST_STEP = Duration.ofDays(366);

    private Parameters() {}

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is none
     */
    static MonitorStatus status(String text) {
        for (MonitorStatus status : MonitorStatus.values()) {
            if (status.name().equals(text)) {
                return status;
            }
        }
        throw Problems.badParameter(
                "status", "Expected ACTIVE, IDLE or ERROR, got \"" + text + "\"");
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no source's id
     */
    static int after(String text) {
        if (!SourceRepository.isId(text)) {
            throw Problems.badParameter(
                    "after", "Expected the id that the last page ended with, got \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no id
     */
    static long id(String name, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw Problems.badParameter(
                    name, "Expected the id that the last page ended with, got \"" + text + "\"");
        }
        return Long.parseLong(text);
    }

    /**
     * A time of a series, from 1970 on.
     *
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is none, or out of all bounds
     */
    static Instant time(String name, String text) {
        return time(name, text, FIRST_YEAR);
    }

    /**
     * Any time that PostgreSQL is sure to take: of the years 1 to 9999.
     *
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is none, or out of all bounds
     */
    static Instant anyTime(String name, String text) {
        return time(name, text, FIRST_YEAR_OF_ALL);
    }

    /** A time with its offset in these years; null if the text is none. */
    static @Nullable Instant time(String text) {
        return read(text, FIRST_YEAR_OF_ALL);
    }

    private static @Nullable Instant read(String text, int firstYear) {
        try {
            OffsetDateTime time = OffsetDateTime.parse(text);
            return time.getYear() >= firstYear && time.getYear() <= LAST_YEAR
                    ? time.toInstant()
                    : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static Instant time(String name, String text, int firstYear) {
        Instant time = read(text, firstYear);
        if (time != null) {
            return time;
        }
        throw Problems.badParameter(
                name,
                "Expected a time with its offset, of the years "
                        + firstYear
                        + " to "
                        + LAST_YEAR
                        + ", such as 2026-11-21T18:00:00Z, got \""
                        + text
                        + "\"");
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no time of whole seconds
     */
    static Duration step(String text) {
        Duration step;
        try {
            step = DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            step = null;
        }
        if (step == null
                || step.toSeconds() < 1
                || !step.equals(Duration.ofSeconds(step.toSeconds()))
                || step.compareTo(LONGEST_STEP) > 0) {
            throw Problems.badParameter(
                    "step",
                    "Expected whole seconds, at least 1s and at most 366d, got \"" + text + "\"");
        }
        return step;
    }

    /**
     * How long a caller is ready to wait.
     *
     * @param examples for whoever writes another one
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is shorter than {@code least} or
     *     longer than {@link #LONGEST_WAIT}
     */
    static Duration patience(String name, String text, Duration least, String examples) {
        Duration duration;
        try {
            duration = DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            duration = null;
        }
        if (duration == null
                || duration.compareTo(least) < 0
                || duration.compareTo(LONGEST_WAIT) > 0) {
            throw Problems.badParameter(
                    name,
                    "Expected a time of at most 30s, such as %s, got \"%s\""
                            .formatted(examples, text));
        }
        return duration;
    }
}
