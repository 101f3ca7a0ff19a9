package dev.walmonitor.handler.cache;

import java.time.Duration;

/**
 * Does something again once some time has passed since it was last done. One timer, however often
 * it is done. Owned by the loop.
 */
final class Renewal {
    private final Loop loop;
    private final Duration after;
    private final Runnable renew;
    private long due;
    private boolean timerSet;

    Renewal(Loop loop, Duration after, Runnable renew) {
        this.loop = loop;
        this.after = after;
        this.renew = renew;
    }

    /** It was done now. */
    void done() {
        due = loop.nanos() + after.toNanos();
        if (!timerSet) {
            setTimer();
        }
    }

    private void setTimer() {
        timerSet = true;
        loop.schedule(Duration.ofNanos(Math.max(0, due - loop.nanos())), this::fire);
    }

    private void fire() {
        timerSet = false;
        if (due - loop.nanos() > 0) {
            setTimer();
        } else {
            renew.run();
        }
    }
}
