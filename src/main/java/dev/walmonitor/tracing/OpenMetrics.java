package dev.walmonitor.tracing;

import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Gives the metrics as OpenMetrics to whoever asks for it, beside other forms or not: the only form
 * that holds exemplars. Quarkus gives the older one to all who would take that too, as Prometheus
 * would.
 */
@Singleton
@SuppressWarnings("deprecation") // Quarkus 3.32 has the registry of Prometheus' older client
class OpenMetrics {
    private static final String TYPE = "application/openmetrics-text";

    private final Instance<PrometheusMeterRegistry> registry;
    private final boolean on;

    OpenMetrics(
            Instance<PrometheusMeterRegistry> registry,
            @ConfigProperty(name = OpenTelemetryTracing.DISABLED, defaultValue = "false")
                    boolean disabled) {
        this.registry = registry;
        this.on = !disabled;
    }

    void open(@Observes ManagementInterface management) {
        if (on) {
            management.router().get("/q/metrics").order(-1).handler(this::answer);
        }
    }

    private void answer(RoutingContext exchange) {
        String accept = exchange.request().getHeader(HttpHeaders.ACCEPT);
        if (accept == null || !accept.contains(TYPE)) {
            exchange.next();
            return;
        }
        String form = TextFormat.CONTENT_TYPE_OPENMETRICS_100;
        var _ =
                exchange.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, form)
                        .end(registry.get().scrape(form));
    }
}
