package dev.walmonitor.pipeline;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The event loop behind a Vert.x context. */
public record VertxLoop(EventLoop eventLoop) implements Loop {

    @Override
    public boolean isHere() {
        return eventLoop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
        } else {
            eventLoop.execute(task);
        }
    }

    @Override
    @SuppressWarnings(
            "FutureReturnValueIgnored") // nobody waits for it: the task tells of its own failures
    public void schedule(Duration delay, Runnable task) {
        eventLoop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
