package dev.walmonitor.handler;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractUni;
import io.smallrye.mutiny.subscription.UniSubscriber;
import io.smallrye.mutiny.subscription.UniSubscription;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a Java handler answers, once: its item, its failure, or what it threw.
 *
 * <p>The same of Mutiny's operators is three callbacks a change, each of which captures the
 * thread's contexts when it is made and puts them in place when it is called; that costs more than
 * all else that is done for a change. Here nothing is captured: a call has a context of its own,
 * which the caller's would not get into in any case.
 */
final class Answer extends AbstractUni<HandlerResult> {
    private final Callable<? extends @Nullable Uni<HandlerResult>> work;
    private final BiConsumer<Runnable, Consumer<Throwable>> thread;

    /**
     * @param work asks the handler
     * @param thread has the work done where it belongs, or says why it cannot
     */
    Answer(
            Callable<? extends @Nullable Uni<HandlerResult>> work,
            BiConsumer<Runnable, Consumer<Throwable>> thread) {
        this.work = work;
        this.thread = thread;
    }

    @Override
    public void subscribe(UniSubscriber<? super HandlerResult> to) {
        Once once = new Once(to);
        to.onSubscribe(once);
        thread.accept(() -> ask(once), once::onFailure);
    }

    private void ask(Once to) {
        try {
            AbstractUni.subscribe(
                    Objects.requireNonNull(
                            work.call(), "the handler returned null where a Uni was expected"),
                    to);
        } catch (Throwable e) { // as a handler of the user's may throw anything
            to.onFailure(e);
        }
    }

    /** Passes one answer on, and none when nobody listens any more. */
    private static final class Once extends AtomicBoolean
            implements UniSubscriber<HandlerResult>, UniSubscription {
        private static final long serialVersionUID = 1;

        private final transient UniSubscriber<? super HandlerResult> to;

        Once(UniSubscriber<? super HandlerResult> to) {
            this.to = to;
        }

        @Override
        public void onSubscribe(UniSubscription subscription) {
            // what a handler began is never called off
        }

        @Override
        public void onItem(@Nullable HandlerResult result) {
            if (compareAndSet(false, true)) {
                to.onItem(result == null ? HandlerResult.NONE : result);
            }
        }

        @Override
        public void onFailure(Throwable failure) {
            if (compareAndSet(false, true)) {
                to.onFailure(failure);
            }
        }

        @Override
        public void cancel() {
            set(true);
        }
    }
}
