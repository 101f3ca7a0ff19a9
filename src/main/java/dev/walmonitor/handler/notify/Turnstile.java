package dev.walmonitor.handler.notify;

import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** Lets so much work run at once, and the rest wait in its order. Thread-safe. */
final class Turnstile {
    private final int most;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int inside;

    Turnstile(int most) {
        this.most = most;
    }

    <T> Uni<T> through(Supplier<Uni<? extends T>> work) {
        return Uni.createFrom()
                .emitter(emitter ->
                        enter(() -> {
                            var _ =
                                    Uni.createFrom()
                                            .deferred(work)
                                            .subscribe()
                                            .with(
                                                    item -> {
                                                        leave();
                                                        emitter.complete(item);
                                                    },
                                                    failure -> {
                                                        leave();
                                                        emitter.fail(failure);
                                                    });
                        }));
    }

    private void enter(Runnable work) {
        synchronized (this) {
            if (inside == most) {
                waiting.add(work);
                return;
            }
            inside++;
        }
        work.run();
    }

    private void leave() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                inside--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
