package dev.walmonitor.tracing;

import dev.walmonitor.change.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Between OpenTelemetry's contexts and what stands in a transaction. */
final class Propagation {
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";

    private static final TextMapGetter<TraceContext> GETTER =
            new TextMapGetter<>() {
                @Override
                public Iterable<String> keys(TraceContext carrier) {
                    return List.of(PARENT, STATE);
                }

                @Override
                public @Nullable String get(@Nullable TraceContext carrier, String key) {
                    return carrier == null
                            ? null
                            : switch (key) {
                                case PARENT -> carrier.traceparent();
                                case STATE -> carrier.tracestate();
                                default -> null;
                            };
                }
            };

    private Propagation() {}

    /** A new trace begins where there is none. */
    static Context parent(@Nullable TraceContext trace) {
        return trace == null
                ? Context.root()
                : W3CTraceContextPropagator.getInstance().extract(Context.root(), trace, GETTER);
    }

    /** The place of a span; null if it is of no trace. */
    static @Nullable TraceContext of(Span span) {
        Map<String, String> texts = new HashMap<>(4);
        W3CTraceContextPropagator.getInstance()
                .inject(
                        Context.root().with(span),
                        texts,
                        (to, key, value) -> {
                            if (to != null) {
                                to.put(key, value);
                            }
                        });
        String parent = texts.get(PARENT);
        return parent == null ? null : new TraceContext(parent, texts.get(STATE));
    }
}
