package dev.walmonitor.tracing;

import dev.walmonitor.change.ChangeId;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.Tracing.Fate;
import dev.walmonitor.rule.Rule;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The spans of one rule: one for each change, from its commit until it is done or set aside, and in
 * it one for each time that the handler is asked. Owned by the pipeline's loop.
 *
 * <p>No attribute holds a value of a row, the text of a failure, or what a handler tells of its
 * work beyond one word.
 */
final class RuleSpans {
    /** More than a pipeline lets be on their way; those of an abandoned slot are forgotten so. */
    private static final int MOST = 50_000;

    private record Key(long epoch, ChangeId id, Delivery delivery) {
        private static Key of(RowChange change) {
            Transaction transaction = change.transaction();
            return new Key(transaction.epoch(), change.id(), transaction.delivery());
        }
    }

    private final Rule rule;
    private final Tracer tracer;
    private final Arrivals arrivals;
    private final InstantSource clock;
    private final Map<Key, ChangeSpan> open =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, ChangeSpan> eldest) {
                    return size() > MOST;
                }
            };

    RuleSpans(Rule rule, Tracer tracer, Arrivals arrivals, InstantSource clock) {
        this.rule = rule;
        this.tracer = tracer;
        this.arrivals = arrivals;
        this.clock = clock;
    }

    /** The span of one change. */
    final class ChangeSpan {
        private final Key key;
        private final Span span;
        private final Instant since;
        private int attempts;

        private ChangeSpan(Key key, Span span, Instant since) {
            this.key = key;
            this.span = span;
            this.since = since;
        }

        Span span() {
            return span;
        }

        private void end(String outcome) {
            open.remove(key, this);
            Instant now = clock.instant();
            span.setAttribute(Keys.OUTCOME, outcome)
                    .setAttribute(Keys.ATTEMPTS, (long) attempts)
                    .end(now.isBefore(since) ? since : now);
        }
    }

    /** The span of one time that the handler is asked. */
    final class Attempt {
        private final ChangeSpan of;
        private final Span span;

        private Attempt(ChangeSpan of, Span span) {
            this.of = of;
            this.span = span;
        }

        Span span() {
            return span;
        }

        /** The handler has done its work; returns the span of the change. */
        Span done(HandlerResult result) {
            span.end(clock.instant());
            Words.word(result.action()).ifPresent(word -> of.span.setAttribute(Keys.EFFECT, word));
            of.end("done");
            return of.span;
        }

        /** The handler could not do its work; what becomes of the change is told later. */
        void failed(Throwable failure) {
            span.setAttribute(Keys.ERROR_TYPE, failure.getClass().getName())
                    .setStatus(StatusCode.ERROR)
                    .end(clock.instant());
        }
    }

    Attempt attempt(RowChange change) {
        Key key = Key.of(change);
        ChangeSpan of = Optional.ofNullable(open.get(key)).orElseGet(() -> begin(key, change));
        of.attempts++;
        Span span =
                tracer.spanBuilder("attempt")
                        .setParent(Context.root().with(of.span))
                        .setStartTimestamp(clock.instant())
                        .setAttribute(Keys.ATTEMPT, (long) of.attempts)
                        .startSpan();
        return new Attempt(of, span);
    }

    void setAside(RowChange change, Fate fate) {
        Key key = Key.of(change);
        ChangeSpan of = Optional.ofNullable(open.get(key)).orElseGet(() -> begin(key, change));
        if (fate != Fate.PARKED) {
            of.span.setStatus(StatusCode.ERROR);
        }
        of.end(fate.name().toLowerCase(Locale.ROOT));
    }

    /** What an operator has done once more was committed long ago, and begins now. */
    private ChangeSpan begin(Key key, RowChange change) {
        Transaction transaction = change.transaction();
        Instant since =
                transaction.delivery() == Delivery.REPLAY ? clock.instant() : transaction.time();
        Span span = builder(change).setStartTimestamp(since).startSpan();
        Instant came = arrivals.of(transaction);
        if (came != null && transaction.delivery() != Delivery.REPLAY) {
            span.addEvent("received", came.isBefore(since) ? since : came);
        }
        ChangeSpan begun = new ChangeSpan(key, span, since);
        var _ = open.put(key, begun);
        return begun;
    }

    private SpanBuilder builder(RowChange change) {
        Transaction transaction = change.transaction();
        String table = change.table().toString();
        return tracer.spanBuilder(rule.name() + " " + change.operation() + " " + table)
                .setSpanKind(SpanKind.CONSUMER)
                .setParent(Propagation.parent(transaction.trace()))
                .setAttribute(Keys.COLLECTION, table)
                .setAttribute(Keys.OPERATION, change.operation().name())
                .setAttribute(Keys.SOURCE, transaction.source())
                .setAttribute(Keys.RULE, rule.name())
                .setAttribute(Keys.ACTION, rule.action())
                .setAttribute(Keys.XID, Integer.toUnsignedLong(transaction.xid()))
                .setAttribute(Keys.LSN, transaction.commit().text())
                .setAttribute(Keys.CHANGE, change.id().toString())
                .setAttribute(
                        Keys.DELIVERY, transaction.delivery().name().toLowerCase(Locale.ROOT));
    }
}
