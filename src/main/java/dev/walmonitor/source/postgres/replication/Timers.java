package dev.walmonitor.source.postgres.replication;

import java.time.Duration;

/** Runs tasks later on the source's event loop. */
@FunctionalInterface
interface Timers {
    void after(Duration delay, Runnable task);
}
