package dev.walmonitor.handler.cache;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The one thread that owns the state of a rule's refreshes, and its clock. */
interface Loop {

    /** Runs the task on that thread: at once if the caller is on it, else soon. */
    void execute(Runnable task);

    /** Runs the task on that thread, after the delay. */
    void schedule(Duration delay, Runnable task);

    /** A clock that only runs forward, in nanoseconds from some moment. */
    long nanos();

    /** An event loop. */
    record Netty(EventLoop eventLoop) implements Loop {
        @Override
        public void execute(Runnable task) {
            if (eventLoop.inEventLoop()) {
                task.run();
            } else {
                eventLoop.execute(task);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // the task tells of its own failures
        public void schedule(Duration delay, Runnable task) {
            eventLoop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    }
}
