package dev.walmonitor.tracing;

import io.opentelemetry.api.trace.SpanContext;

/**
 * The span that a measurement on this thread belongs to. Not OpenTelemetry's own current span: of
 * that Quarkus knows nothing on the context of an event loop, which all of a source shares.
 */
final class Measured {
    private static final ThreadLocal<SpanContext> NOW =
            ThreadLocal.withInitial(SpanContext::getInvalid);

    private Measured() {}

    /** Runs the task, which may run another one within it. */
    static void as(SpanContext span, Runnable task) {
        SpanContext before = NOW.get();
        NOW.set(span);
        try {
            task.run();
        } finally {
            NOW.set(before);
        }
    }

    /** An invalid one if there is none. */
    static SpanContext now() {
        return NOW.get();
    }
}
