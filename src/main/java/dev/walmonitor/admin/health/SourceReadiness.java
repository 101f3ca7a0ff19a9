package dev.walmonitor.admin.health;

import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceStatus;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * A source is ready when its stream is proved to run, or when another instance has it and this one
 * stands by.
 */
record SourceReadiness(String source, Pipelines pipelines) implements HealthCheck {

    String name() {
        return "source-" + source;
    }

    @Override
    public HealthCheckResponse call() {
        return pipelines.statuses().stream()
                .map(PipelineStatus::source)
                .filter(status -> status.source().equals(source))
                .findFirst()
                .map(this::response)
                .orElseGet(this::notStarted);
    }

    private HealthCheckResponse response(SourceStatus status) {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named(name())
                        .status(isReady(status))
                        .withData("state", status.state().name())
                        .withData("since", status.since().toString());
        SourceFailure failure = status.failure();
        return (failure == null ? response : response.withData("message", failure.message()))
                .build();
    }

    private static boolean isReady(SourceStatus status) {
        return switch (status.state()) {
            case STREAMING, IDLE, STANDBY -> true;
            case CONNECTING,
                    STALLED,
                    PAUSED,
                    FAILED,
                    SLOT_MISSING,
                    SLOT_LOST,
                    PUBLICATION_MISSING,
                    GAP_SUSPECTED,
                    IDENTITY_MISMATCH,
                    POISONED,
                    STOPPING ->
                    false;
        };
    }

    private HealthCheckResponse notStarted() {
        return HealthCheckResponse.named(name())
                .down()
                .withData(
                        "message",
                        "The source is not started yet: the databases have not answered, or the rules are being checked.")
                .build();
    }
}
