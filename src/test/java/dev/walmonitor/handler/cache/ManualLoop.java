package dev.walmonitor.handler.cache;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A loop whose time passes when the test says so. */
final class ManualLoop implements Loop {

    private record Timer(long at, int order, Runnable task) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingInt(Timer::order));
    private long now = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();
    private int order;

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        timers.add(new Timer(elapsed() + delay.toNanos(), order++, task));
    }

    @Override
    public long nanos() {
        return now;
    }

    /** Lets time pass, and does what is due on the way. */
    void pass(Duration time) {
        long end = elapsed() + time.toNanos();
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer timer = timers.remove();
            now += timer.at() - elapsed();
            timer.task().run();
        }
        now += end - elapsed();
    }

    int timers() {
        return timers.size();
    }

    /** The clock starts shortly before it overflows, as a nanosecond clock may. */
    private long elapsed() {
        return now - (Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    }
}
