package dev.walmonitor.source;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * News for whoever listens at the moment. Thread-safe; a listener that does not keep up loses news
 * rather than hold up the teller.
 */
public final class Broadcast<T> {
    private final List<Consumer<T>> listeners = new CopyOnWriteArrayList<>();

    public void tell(T news) {
        for (Consumer<T> listener : listeners) {
            listener.accept(news);
        }
    }

    /** Whether anybody listens. */
    public boolean isHeard() {
        return !listeners.isEmpty();
    }

    /** What is told from the subscription on; never ends. */
    public Multi<T> news() {
        return Multi.createFrom()
                .emitter(
                        emitter -> {
                            Consumer<T> listener = emitter::emit;
                            listeners.add(listener);
                            emitter.onTermination(() -> listeners.remove(listener));
                        },
                        BackPressureStrategy.DROP);
    }
}
