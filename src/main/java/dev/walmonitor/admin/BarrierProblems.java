package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.change.Position;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a barrier was not passed, as RFC 9457 problems. */
final class BarrierProblems {
    private static final URI BARRIER = URI.create("/api/v1/barrier");

    private BarrierProblems() {}

    /** What holds a rule up, as the API shows it. */
    @JsonNaming(SnakeCaseStrategy.class)
    record RuleView(
            String rule,
            @Nullable String oldest,
            int failures,
            boolean filling,
            long parked,
            long dead,
            @Nullable String paused) {
        private static RuleView of(Barrier.Standing standing) {
            return new RuleView(
                    standing.rule(),
                    text(standing.oldest()),
                    standing.failures(),
                    standing.filling(),
                    standing.parked(),
                    standing.dead(),
                    standing.paused());
        }
    }

    static HttpProblem unknownRule(String source, @Nullable String rule, List<String> known) {
        return Problems.builder(
                        "unknown-rule",
                        "Unknown rule",
                        Status.NOT_FOUND,
                        "The source \""
                                + source
                                + "\" has no rule \""
                                + rule
                                + "\"; it has "
                                + (known.isEmpty() ? "none" : String.join(", ", known))
                                + ".")
                .build();
    }

    static HttpProblem elsewhere(String source, @Nullable SourceState state) {
        return Problems.builder(
                        Problems.NOT_HERE,
                        "Not known here",
                        Status.SERVICE_UNAVAILABLE,
                        state == SourceState.STANDBY
                                ? "Another instance reads the source \""
                                        + source
                                        + "\", and what its rules have done is known there alone."
                                : "The source \"" + source + "\" is not started yet.")
                .withInstance(BARRIER)
                .with("source", source)
                .with("state", String.valueOf(state == null ? SourceState.CONNECTING : state))
                .build();
    }

    static HttpProblem noPlace(String source, String why) {
        return Problems.builder(
                        "source-away",
                        "The source does not answer",
                        Status.SERVICE_UNAVAILABLE,
                        "Where the log of the source \""
                                + source
                                + "\" ends cannot be told: "
                                + why)
                .build();
    }

    static HttpProblem behind(String source, Duration atMost, Barrier.Behind behind) {
        String received = text(behind.received());
        boolean reached = behind.received() != null && !behind.place().isAfter(behind.received());
        SourceFailure failure = behind.failure();
        String detail =
                reached
                        ? "The rules named below have not done everything up to "
                                + behind.place().text()
                                + "."
                        : "The stream has not been taken in up to "
                                + behind.place().text()
                                + ", but "
                                + (received == null ? "not at all" : "to " + received)
                                + (failure == null ? "." : ". " + failure.message());
        HttpProblem.Builder problem =
                Problems.builder(
                                "barrier",
                                "Not applied within " + atMost.toMillis() + " ms",
                                Status.GATEWAY_TIMEOUT,
                                detail)
                        .withInstance(BARRIER)
                        .with("source", source)
                        .with("state", behind.state().name())
                        .with("place", behind.place().text())
                        .with("rules", behind.rules().stream().map(RuleView::of).toList());
        return (received == null ? problem : problem.with("received", received)).build();
    }

    static HttpProblem blocked(String source, Barrier.Blocked blocked) {
        return Problems.builder(
                        "blocked",
                        "Waiting will not help",
                        Status.CONFLICT,
                        "The rules named below are paused, or have parked or given up changes at or before "
                                + blocked.place().text()
                                + ".")
                .withInstance(BARRIER)
                .with("source", source)
                .with("place", blocked.place().text())
                .with("rules", blocked.rules().stream().map(RuleView::of).toList())
                .build();
    }

    private static @Nullable String text(@Nullable Position position) {
        return position == null ? null : position.text();
    }
}
