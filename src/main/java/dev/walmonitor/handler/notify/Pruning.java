package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Takes what is too old off the record, a little at a time. Thread-safe. */
final class Pruning {
    private static final Logger LOG = Logger.getLogger(Pruning.class);
    private static final int STEP = 1_000;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Notifications store;
    private final InstantSource clock;
    private final Duration retention;
    private final AtomicBoolean running = new AtomicBoolean();

    Pruning(Notifications store, InstantSource clock, Duration retention) {
        this.store = store;
        this.clock = clock;
        this.retention = retention;
    }

    /** Begins, unless it still runs. */
    void start() {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        var _ =
                all().onTermination()
                        .invoke(() -> running.set(false))
                        .subscribe()
                        .with(
                                done -> {},
                                failure ->
                                        LOG.debugf(
                                                failure,
                                                "Old notifications stay on record until the next time"));
    }

    /** Takes away whatever is too old by now. */
    Uni<Void> all() {
        Instant before = clock.instant().minus(retention);
        return Multi.createBy()
                .repeating()
                .uni(() -> store.prune(before, STEP).onItem().delayIt().by(PAUSE))
                .whilst(removed -> removed >= STEP)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
