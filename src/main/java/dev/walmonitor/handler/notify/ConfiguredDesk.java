package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** The desk of this process, which is there once a notify rule runs, and its timers. */
final class ConfiguredDesk {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration FIRST_PRUNING = Duration.ofMinutes(1);
    private static final Duration PRUNING = Duration.ofHours(1);

    @Produces
    @Singleton
    Desk desk(
            @All List<Channel> channels,
            Notifications store,
            Instance<Progress> progress,
            MeterRegistry registry,
            NotificationsConfig config,
            Vertx vertx) {
        Desk desk =
                Desk.of(
                        channels,
                        store,
                        progress::get,
                        registry,
                        InstantSource.system(),
                        (wait, task) -> vertx.setTimer(wait.toMillis(), timer -> task.run()));
        Pruning pruning = new Pruning(store, desk.clock(), config.retention());
        vertx.setPeriodic(LOOK.toMillis(), timer -> desk.courier().look());
        vertx.setPeriodic(
                FIRST_PRUNING.toMillis(),
                PRUNING.toMillis(),
                timer -> {
                    if (desk.courier().isActive()) {
                        pruning.start();
                    }
                });
        return desk;
    }
}
