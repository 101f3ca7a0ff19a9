package dev.walmonitor.pipeline;

import java.time.Duration;

/** The one thread that owns the state of a pipeline: the event loop of its source. */
public interface Loop {

    /** Whether the caller is on that thread. */
    boolean isHere();

    /** Runs the task on that thread: at once if the caller is on it, else soon. */
    void execute(Runnable task);

    /** Runs the task on that thread, after the delay. */
    void schedule(Duration delay, Runnable task);

    /**
     * The clock that {@link #schedule} goes by, in nanoseconds from anywhere. May be read from any
     * thread.
     */
    default long nanoTime() {
        return System.nanoTime();
    }
}
