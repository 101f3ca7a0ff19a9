package dev.walmonitor.settings;

import java.util.Map;

/**
 * The environment variables of OpenTelemetry's specification that say where spans go, and Quarkus's
 * settings of the same. {@code OTEL_TRACES_SAMPLER} is not among them: who samples reads it itself.
 */
final class TelemetryVariables {
    static final Map<String, String> ALL =
            Map.of(
                    "OTEL_SDK_DISABLED", "quarkus.otel.sdk.disabled",
                    "OTEL_SERVICE_NAME", "quarkus.otel.service.name",
                    "OTEL_RESOURCE_ATTRIBUTES", "quarkus.otel.resource.attributes",
                    "OTEL_TRACES_SAMPLER_ARG", "quarkus.otel.traces.sampler.arg",
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "quarkus.otel.exporter.otlp.endpoint",
                    "OTEL_EXPORTER_OTLP_PROTOCOL", "quarkus.otel.exporter.otlp.protocol",
                    "OTEL_EXPORTER_OTLP_HEADERS", "quarkus.otel.exporter.otlp.headers");

    private TelemetryVariables() {}
}
