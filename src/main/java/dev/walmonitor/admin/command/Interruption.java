package dev.walmonitor.admin.command;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or SIGTERM while a command works that has something to put in order. Everything that the
 * command uses stays open until it has, or for a while at most. Thread-safe.
 */
@Singleton
class Interruption {
    /** A pod is given thirty seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private volatile boolean asked;
    private volatile CountDownLatch busy = new CountDownLatch(0);

    /** What is done from now on is to be put in order. */
    void begin() {
        busy = new CountDownLatch(1);
    }

    /** It is. */
    void end() {
        busy.countDown();
    }

    /** Whether somebody wants the command to end. */
    boolean isAsked() {
        return asked;
    }

    void stopped(@Observes ShutdownEvent event) throws InterruptedException {
        asked = true;
        var _ = busy.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
