package dev.walmonitor.handler.notify;

import java.time.Duration;

/** Does something after a while. */
@FunctionalInterface
interface Later {
    void after(Duration wait, Runnable task);
}
