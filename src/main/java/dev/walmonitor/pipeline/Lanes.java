package dev.walmonitor.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Order where it is needed and nowhere else: tasks that share a lane run one after the other in the
 * order in which they were submitted, others at the same time. A task may occupy several lanes (a
 * row whose key changed), or all of them (a barrier). Owned by the pipeline's loop.
 *
 * <p>No deadlock is possible: a task enters all its lanes at once, so any two tasks stand in the
 * same order in every lane that they share.
 */
final class Lanes<T extends Lanes.Entry> {

    /** What stands in lanes. */
    abstract static class Entry {

        /** The lanes that it occupies, a bit each. */
        final long lanes;

        /** In how many of its lanes others are still before it. */
        int waiting;

        Entry(long lanes) {
            this.lanes = lanes;
        }
    }

    private final List<ArrayDeque<T>> queues = new ArrayList<>();
    private final long all;
    private final Consumer<T> run;
    private final ArrayDeque<T> ready = new ArrayDeque<>();
    private boolean running;

    /**
     * @param count from 1 to 64
     * @param run starts a task, and sees to it that {@link #finished} is called when it is done,
     *     now or later
     */
    Lanes(int count, Consumer<T> run) {
        if (count < 1 || count > Long.SIZE) {
            throw new IllegalArgumentException("Expected 1 to 64 lanes, got " + count);
        }
        for (int i = 0; i < count; i++) {
            queues.add(new ArrayDeque<>());
        }
        this.all = count == Long.SIZE ? -1L : (1L << count) - 1;
        this.run = run;
    }

    /** The lane of a key, by its hash. */
    long lane(int hash) {
        int spread = hash * 0x9E3779B9;
        return 1L << Integer.remainderUnsigned(spread ^ (spread >>> 16), queues.size());
    }

    /** All lanes: whatever came before is done first, whatever comes later waits. */
    long all() {
        return all;
    }

    void submit(T task) {
        for (long lanes = task.lanes; lanes != 0; lanes &= lanes - 1) {
            ArrayDeque<T> queue = queues.get(Long.numberOfTrailingZeros(lanes));
            if (!queue.isEmpty()) {
                task.waiting++;
            }
            queue.addLast(task);
        }
        if (task.waiting == 0) {
            ready.addLast(task);
            runReady();
        }
    }

    @SuppressWarnings("ReferenceEquality") // that very one
    void finished(T task) {
        for (long lanes = task.lanes; lanes != 0; lanes &= lanes - 1) {
            ArrayDeque<T> queue = queues.get(Long.numberOfTrailingZeros(lanes));
            if (queue.pollFirst() != task) {
                throw new IllegalStateException(
                        "A task was finished that was not at the head of its lane");
            }
            @Nullable T next = queue.peekFirst();
            if (next != null && --next.waiting == 0) {
                ready.addLast(next);
            }
        }
        runReady();
    }

    /** Takes out all that are not begun; whoever is begun is at the head of its lanes. */
    void keep(Predicate<T> begun) {
        queues.forEach(queue -> queue.removeIf(begun.negate()));
        ready.removeIf(begun.negate());
    }

    /** Whether nothing is in any lane. */
    boolean isIdle() {
        return queues.stream().allMatch(ArrayDeque::isEmpty);
    }

    /**
     * A task that is done at once makes the next one ready; a loop, so that a long queue does not
     * become a deep stack.
     */
    private void runReady() {
        if (running) {
            return;
        }
        running = true;
        try {
            for (@Nullable T task = ready.pollFirst(); task != null; task = ready.pollFirst()) {
                run.accept(task);
            }
        } finally {
            running = false;
        }
    }
}
