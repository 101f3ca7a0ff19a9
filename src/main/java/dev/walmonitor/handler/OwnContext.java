package dev.walmonitor.handler;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.RowChange;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Java handler: each time in a Vert.x context of its own, so that whatever is bound to one,
 * such as a database session, is the call's own; and on the kind of thread that it asked for. What
 * the handler throws is a failure like any other.
 */
final class OwnContext implements ChangeHandler {
    private final ChangeHandler handler;
    private final RunsOn.Kind kind;
    private final Vertx vertx;
    private final Executor virtualThreads;

    OwnContext(ChangeHandler handler, RunsOn.Kind kind, Vertx vertx, Executor virtualThreads) {
        this.handler = handler;
        this.kind = kind;
        this.vertx = vertx;
        this.virtualThreads = virtualThreads;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return call(() -> handler.handle(change));
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
    public Uni<HandlerResult> warm() {
        return call(handler::warm);
    }

    @Override
    public void follow(LogIdentity log) {
        handler.follow(log);
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return call(handler::rebuild);
    }

    @Override
    public boolean canRebuild() {
        return handler.canRebuild();
    }

    private Uni<HandlerResult> call(Callable<Uni<HandlerResult>> work) {
        return new Answer(work, this::start);
    }

    private void start(Runnable work, Consumer<Throwable> refused) {
        Context context =
                Objects.requireNonNull(
                        VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        VertxContextSafetyToggle.setContextSafe(context, true);
        switch (kind) {
            case EVENT_LOOP -> onItsLoop((ContextInternal) context, work);
            case VIRTUAL -> context.runOnContext(v -> virtualThreads.execute(work));
            case WORKER ->
                    context.<@Nullable Void>executeBlocking(
                                    () -> {
                                        work.run();
                                        return null;
                                    },
                                    false)
                            .onFailure(refused::accept);
        }
    }

    /** At once where the caller is on that loop: a turn of the loop for each change costs more. */
    private static void onItsLoop(ContextInternal context, Runnable work) {
        if (context.inThread()) {
            context.dispatch(work);
        } else {
            context.runOnContext(v -> work.run());
        }
    }
}
