package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * Lets a few do something at once, and the others wait in the order in which they came, so that a
 * crowd neither takes every connection nor waits for one longer than anybody may. Thread-safe.
 */
public final class Turns {
    private final int atOnce;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    public Turns(int atOnce) {
        this.atOnce = atOnce;
    }

    /** Does the work when it is its turn; answers and fails as it does. */
    public <T> Uni<T> take(Supplier<Uni<? extends T>> work) {
        return Uni.createFrom()
                .emitter(emitter ->
                        enter(() ->
                                Uni.createFrom()
                                        .<T>deferred(work)
                                        .onTermination()
                                        .invoke(this::leave)
                                        .subscribe()
                                        .with(emitter::complete, emitter::fail)));
    }

    private void enter(Runnable task) {
        synchronized (this) {
            if (running == atOnce) {
                waiting.add(task);
                return;
            }
            running++;
        }
        task.run();
    }

    private void leave() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                running--;
                return;
            }
        }
        next.run();
    }
}
