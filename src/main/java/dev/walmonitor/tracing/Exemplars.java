package dev.walmonitor.tracing;

import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.ExemplarSampler;
import io.prometheus.client.exemplars.tracer.common.SpanContextSupplier;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Which span a measurement names, if one that is sent is {@link Measured}. Takes the place of
 * Quarkus's, which looks for a span at each measurement even when there can be none. The registry
 * is made before the settings of the process are known, so whether it is on is said later.
 */
@Singleton
class Exemplars implements ExemplarSampler {
    private final ExemplarSampler spans = new DefaultExemplarSampler(new CurrentSpan());
    private volatile boolean on;

    void start(
            @Observes StartupEvent event,
            @ConfigProperty(name = OpenTelemetryTracing.DISABLED, defaultValue = "false")
                    boolean disabled) {
        on = !disabled;
    }

    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Optional<ExemplarSampler> sampler() {
        return Optional.of(this);
    }

    @Override
    public @Nullable Exemplar sample(double increment, @Nullable Exemplar previous) {
        return on ? spans.sample(increment, previous) : null;
    }

    @Override
    public @Nullable Exemplar sample(
            double value, double from, double to, @Nullable Exemplar previous) {
        return on ? spans.sample(value, from, to, previous) : null;
    }

    private static final class CurrentSpan implements SpanContextSupplier {
        @Override
        public String getTraceId() {
            return Measured.now().getTraceId();
        }

        @Override
        public String getSpanId() {
            return Measured.now().getSpanId();
        }

        @Override
        public boolean isSampled() {
            return Measured.now().isSampled();
        }
    }
}
