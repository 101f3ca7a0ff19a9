package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.SourceRepository;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Parameters of a query that several resources have, as they were written. */
final class Parameters {
    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 9999;
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
        throw BarrierProblems.badParameter(
                "status", "Expected ACTIVE, IDLE or ERROR, got \"" + text + "\"");
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no source's id
     */
    static int after(String text) {
        if (!SourceRepository.isId(text)) {
            throw BarrierProblems.badParameter(
                    "after", "Expected the id that the last page ended with, got \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no id
     */
    static long id(String name, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw BarrierProblems.badParameter(
                    name, "Expected the id that the last page ended with, got \"" + text + "\"");
        }
        return Long.parseLong(text);
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is none, or out of all bounds
     */
    static Instant time(String name, String text) {
        try {
            OffsetDateTime time = OffsetDateTime.parse(text);
            if (time.getYear() >= FIRST_YEAR && time.getYear() <= LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeException e) {
            // told below
        }
        throw BarrierProblems.badParameter(
                name,
                "Expected a time with its offset, such as 2026-11-21T18:00:00Z, got \""
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
            throw BarrierProblems.badParameter(
                    "step",
                    "Expected whole seconds, at least 1s and at most 366d, got \"" + text + "\"");
        }
        return step;
    }
}
