package dev.walmonitor.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A loop whose time passes when a test says so. The test's thread counts as the loop's. */
final class ManualLoop implements Loop {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long START_NANOS = 1_000_000_000L;

    private record Timer(long at, long order, Runnable task) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(
                    Comparator.comparingLong(Timer::at).thenComparingLong(Timer::order));
    private long now = START_NANOS;
    private long count;
    private boolean here = true;

    @Override
    public boolean isHere() {
        return here;
    }

    @Override
    public void execute(Runnable task) {
        if (here) {
            task.run();
        } else {
            schedule(Duration.ZERO, task);
        }
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        timers.add(new Timer(now + delay.toNanos(), count++, task));
    }

    @Override
    public long nanoTime() {
        return now;
    }

    /** Wall-clock time, which passes with the loop's. */
    InstantSource clock() {
        return () -> START.plusNanos(now - START_NANOS);
    }

    /** Runs the task as another thread would. */
    void elsewhere(Runnable task) {
        boolean before = here;
        here = false;
        try {
            task.run();
        } finally {
            here = before;
        }
    }

    /** Lets time pass and does what is due meanwhile, what is due at its very end included. */
    void pass(Duration time) {
        long until = now + time.toNanos();
        while (!timers.isEmpty() && timers.peek().at() <= until) {
            run(timers.remove());
        }
        now = until;
    }

    /** Does what is due now. */
    void settle() {
        pass(Duration.ZERO);
    }

    /** Whether there is anything to do, now or later. */
    boolean isBusy() {
        return !timers.isEmpty();
    }

    /** Does what is due next, letting the time until then pass. */
    void step() {
        run(timers.remove());
    }

    private void run(Timer timer) {
        now = timer.at();
        timer.task().run();
    }
}
