package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one rule has taken in and not done, in commit order, and who waits until it is done up to
 * some place. Owned by the pipeline's loop.
 *
 * <p>The tasks are linked with one another, so that one that is done is let go of at once, even
 * behind one that is stuck.
 */
final class OpenTasks {

    /** Somebody for whom everything up to a place has to be done. */
    interface Waiter {
        /** Everything of the log up to here. */
        Position upTo();

        /** It is. */
        void passed();

        /** Something at or before the place cannot be done for now. */
        void blocked();
    }

    private int size;
    private final AtomicInteger seen = new AtomicInteger();
    private long weight;
    private final PriorityQueue<Waiter> waiting =
            new PriorityQueue<>(Comparator.comparing(Waiter::upTo));
    private @Nullable Task first;
    private @Nullable Task last;
    private int fillings;

    void add(Task task) {
        task.previous = last;
        if (last == null) {
            first = task;
        } else {
            last.next = task;
        }
        last = task;
        task.listed = true;
        size++;
        seen.setRelease(size);
        weight += task.weight;
    }

    /** The task is done; none that was forgotten. */
    void remove(Task task) {
        if (!task.listed) {
            return;
        }
        unlink(task);
        if (!waiting.isEmpty()) {
            letPass();
        }
    }

    /** What is open belongs to another branch of the log, and to no place on this one. */
    void forget() {
        while (first != null) {
            unlink(first);
        }
        letPass();
    }

    /** The rule begins to make all its values anew: until that is over nothing is up to date. */
    void filling() {
        fillings++;
    }

    void filled() {
        fillings--;
        letPass();
    }

    boolean isFilling() {
        return fillings > 0;
    }

    /** The oldest task that is not done. */
    @Nullable Task oldest() {
        return first;
    }

    /** How many there are. */
    int size() {
        return size;
    }

    /** How many there are, as of a moment ago. May be called from any thread. */
    int seen() {
        return seen.getAcquire();
    }

    /** About how many bytes they hold. */
    long weight() {
        return weight;
    }

    /** All of them, in commit order, as they are now. */
    List<Task> all() {
        List<Task> all = new ArrayList<>(size);
        for (Task task = first; task != null; task = task.next) {
            all.add(task);
        }
        return all;
    }

    /** What is at the place cannot be done for now; tells all who wait for it. */
    void blocked(Position place) {
        List<Waiter> concerned =
                waiting.stream().filter(waiter -> !place.isAfter(waiter.upTo())).toList();
        waiting.removeAll(concerned);
        concerned.forEach(Waiter::blocked);
    }

    /** Whether something at or before the place is still to be done. */
    boolean isOpenUpTo(Position place) {
        return fillings > 0
                || (first != null && !first.change.transaction().commit().isAfter(place));
    }

    /** Tells the waiter when everything up to its place is done, which it is not now. */
    void await(Waiter waiter) {
        waiting.add(waiter);
    }

    /** The waiter waits no more. */
    void forget(Waiter waiter) {
        waiting.remove(waiter);
    }

    private void letPass() {
        for (Waiter next = waiting.peek();
                next != null && !isOpenUpTo(next.upTo());
                next = waiting.peek()) {
            waiting.remove().passed();
        }
    }

    private void unlink(Task task) {
        if (task.previous == null) {
            first = task.next;
        } else {
            task.previous.next = task.next;
        }
        if (task.next == null) {
            last = task.previous;
        } else {
            task.next.previous = task.previous;
        }
        task.previous = null;
        task.next = null;
        task.listed = false;
        size--;
        seen.setRelease(size);
        weight -= task.weight;
    }
}
