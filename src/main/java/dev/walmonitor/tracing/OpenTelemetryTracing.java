package dev.walmonitor.tracing;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.pipeline.Loop;
import dev.walmonitor.pipeline.Tracing;
import dev.walmonitor.rule.Rule;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes spans of what becomes of changes. Each source's are owned by its own loop. */
@Singleton
class OpenTelemetryTracing implements Tracing {
    static final String DISABLED = "quarkus.otel.sdk.disabled";
    private static final String SCOPE = "dev.walmonitor";

    private record Named(String source, String rule) {
        private static Named of(Rule rule) {
            return new Named(rule.source(), rule.name());
        }
    }

    private final boolean on;
    private final Supplier<Tracer> tracer;
    private final InstantSource clock;
    private final Map<String, Arrivals> arrivals = new ConcurrentHashMap<>();
    private final Map<Named, RuleSpans> rules = new ConcurrentHashMap<>();

    @Inject
    OpenTelemetryTracing(
            Instance<OpenTelemetry> telemetry,
            @ConfigProperty(name = DISABLED, defaultValue = "false") boolean disabled) {
        this(!disabled, () -> telemetry.get().getTracer(SCOPE), InstantSource.system());
    }

    OpenTelemetryTracing(boolean on, Supplier<Tracer> tracer, InstantSource clock) {
        this.on = on;
        this.tracer = tracer;
        this.clock = clock;
    }

    void start(
            @Observes StartupEvent event,
            @ConfigProperty(name = "quarkus.otel.exporter.otlp.endpoint") String endpoint) {
        if (on) {
            new ExportLog(endpoint, clock).listen();
        }
    }

    @Override
    public boolean isOn() {
        return on;
    }

    @Override
    public ChangeHandler traced(Rule rule, ChangeHandler handler, Loop loop) {
        RuleSpans spans = new RuleSpans(rule, tracer.get(), arrivals(rule.source()), clock);
        rules.put(Named.of(rule), spans);
        return new TracedHandler(handler, spans, loop);
    }

    @Override
    public void begun(Transaction transaction) {
        arrivals(transaction.source()).came(transaction, clock.instant());
    }

    @Override
    public void setAside(Rule rule, RowChange change, Fate fate) {
        RuleSpans spans = rules.get(Named.of(rule));
        if (spans != null) {
            spans.setAside(change, fate);
        }
    }

    private Arrivals arrivals(String source) {
        return arrivals.computeIfAbsent(source, name -> new Arrivals());
    }
}
