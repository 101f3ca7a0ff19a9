package dev.walmonitor.monitor;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells the log once that the monitor database fails, and once that it is over. That it is away is
 * one reason, however the network puts it while the server goes and comes. Thread-safe.
 */
final class Outage {
    private static final String AWAY = "away";

    private final Logger log;
    private final String recovery;
    private final AtomicReference<@Nullable String> told = new AtomicReference<>();

    /**
     * @param recovery what is told when it is over
     */
    Outage(Logger log, String recovery) {
        this.log = log;
        this.recovery = recovery;
    }

    /**
     * @param consequence what does not work, a sentence
     */
    void failed(String consequence, Throwable failure) {
        String message = consequence + " " + failure.getMessage();
        String reason = isAway(failure) ? AWAY : message;
        if (!Objects.equals(told.getAndSet(reason), reason)) {
            log.warn(message);
        }
    }

    private static boolean isAway(Throwable failure) {
        return failure instanceof MonitorDatabaseException known && known.fault().waitingHelps();
    }

    void over() {
        if (told.getAndSet(null) != null) {
            log.info(recovery);
        }
    }
}
