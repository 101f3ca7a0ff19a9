package dev.walmonitor.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.ExemplarSampler;
import io.prometheus.client.exemplars.tracer.common.SpanContextSupplier;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Which span a measurement names. Takes the place of Quarkus's, which looks for one when off too. */
final class Exemplars {

    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Optional<ExemplarSampler> sampler(
            @ConfigProperty(name = OpenTelemetryTracing.DISABLED, defaultValue = "false")
                    boolean disabled) {
        return disabled
                ? Optional.empty()
                : Optional.of(new DefaultExemplarSampler(new CurrentSpan()));
    }

    /** That of the thread, if it is sent. */
    private static final class CurrentSpan implements SpanContextSupplier {
        @Override
        public @Nullable String getTraceId() {
            SpanContext context = context();
            return context.isValid() ? context.getTraceId() : null;
        }

        @Override
        public @Nullable String getSpanId() {
            SpanContext context = context();
            return context.isValid() ? context.getSpanId() : null;
        }

        @Override
        public boolean isSampled() {
            return context().isSampled();
        }

        private static SpanContext context() {
            return Span.current().getSpanContext();
        }
    }
}
