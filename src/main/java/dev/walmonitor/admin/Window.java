package dev.walmonitor.admin;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.MultiEmitter;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A part of a stream that has no end. */
final class Window {

    private Window() {}

    /**
     * What comes within a time of the subscription. Mutiny's {@code select().first(Duration)} is
     * the same with a clock that ticks on after the end, for ever, and holds all that listened.
     */
    static <T> Multi<T> first(Multi<T> all, Duration time, ScheduledExecutorService clock) {
        return Multi.createFrom().emitter(to -> listen(all, time, clock, to));
    }

    private static <T> void listen(
            Multi<T> all,
            Duration time,
            ScheduledExecutorService clock,
            MultiEmitter<? super T> to) {
        Cancellable listening = all.subscribe().with(item -> to.emit(item), to::fail, to::complete);
        Future<?> end = clock.schedule(to::complete, time.toNanos(), TimeUnit.NANOSECONDS);
        to.onTermination(() -> {
            listening.cancel();
            var _ = end.cancel(false);
        });
    }
}
