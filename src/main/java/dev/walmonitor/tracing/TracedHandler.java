package dev.walmonitor.tracing;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.Loop;
import dev.walmonitor.tracing.RuleSpans.Attempt;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handler whose work is followed by spans. It is given the change as part of the attempt's span,
 * so that it can pass that on; what it answers is passed on upon the loop, where what is measured
 * by that can name the change's span.
 */
final class TracedHandler implements ChangeHandler {
    private final ChangeHandler handler;
    private final RuleSpans spans;
    private final Loop loop;

    TracedHandler(ChangeHandler handler, RuleSpans spans, Loop loop) {
        this.handler = handler;
        this.spans = spans;
        this.loop = loop;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom().emitter(emitter -> ask(change, emitter));
    }

    private void ask(RowChange change, UniEmitter<? super HandlerResult> to) {
        Attempt attempt = spans.attempt(change);
        RowChange told = change.in(change.transaction().within(Propagation.of(attempt.span())));
        try {
            Objects.requireNonNull(
                            handler.handle(told),
                            "the handler returned null where a Uni was expected")
                    .subscribe()
                    .with(
                            result -> loop.execute(() -> done(attempt, result, to)),
                            failure -> loop.execute(() -> failed(attempt, failure, to)));
        } catch (Throwable t) { // as a handler of the user's may throw anything
            failed(attempt, t, to);
        }
    }

    private static void done(
            Attempt attempt, @Nullable HandlerResult answer, UniEmitter<? super HandlerResult> to) {
        HandlerResult result = answer == null ? HandlerResult.NONE : answer;
        Measured.as(attempt.done(result).getSpanContext(), () -> to.complete(result));
    }

    private static void failed(
            Attempt attempt, Throwable failure, UniEmitter<? super HandlerResult> to) {
        attempt.failed(failure);
        to.fail(failure);
    }

    @Override
    public boolean ordered() {
        return handler.ordered();
    }

    @Override
    public @Nullable String coalescedBy(RowChange change) {
        return handler.coalescedBy(change);
    }

    @Override
    public @Nullable String disabled() {
        return handler.disabled();
    }

    @Override
    public void follow(LogIdentity log) {
        handler.follow(log);
    }

    @Override
    public Uni<HandlerResult> warm() {
        return handler.warm();
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return handler.rebuild();
    }

    @Override
    public boolean canRebuild() {
        return handler.canRebuild();
    }
}
