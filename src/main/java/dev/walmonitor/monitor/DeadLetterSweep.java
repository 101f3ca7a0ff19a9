package dev.walmonitor.monitor;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Forgets dead letters that are too old, some at a time. */
@Singleton
class DeadLetterSweep {
    private static final Logger LOG = Logger.getLogger(DeadLetterSweep.class);

    private final DeadLetters letters;
    private final ParkingConfig config;
    private final Vertx vertx;
    private final boolean serves;
    private volatile long timer = -1;

    DeadLetterSweep(
            DeadLetters letters,
            ParkingConfig config,
            Vertx vertx,
            @ConfigProperty(name = "wal-monitor.command") Optional<String> command) {
        this.letters = letters;
        this.config = config;
        this.vertx = vertx;
        this.serves = command.isEmpty();
    }

    void start(@Observes StartupEvent event) {
        if (serves) {
            timer = vertx.setPeriodic(config.sweepEvery().toMillis(), id -> sweep());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    private void sweep() {
        letters.expire(config.deadLetterRetention())
                .subscribe()
                .with(this::swept, failure -> LOG.debugf(failure, "Dead letters are not swept"));
    }

    private void swept(int count) {
        if (count > 0) {
            LOG.infof(
                    "Forgot %d dead letters that are older than %s.",
                    count, config.deadLetterRetention());
            sweep();
        }
    }
}
