package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.Transaction;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgement queue: what was received, in the order in which it was received, and up to
 * where all of it is done. Owned by the pipeline's loop.
 *
 * <p>Units are never sorted; a transaction is done when it was committed and each of its changes
 * was handled by each rule that wants it; a mark is done at once. The watermark moves over the done
 * units at the head, and only forward.
 */
final class Watermark {

    /** A transaction, or a mark between transactions. */
    static final class Unit {
        private final @Nullable Transaction transaction;
        private final long sinceNanos;
        private @Nullable Position end;
        private int open;

        private Unit(@Nullable Transaction transaction, long sinceNanos) {
            this.transaction = transaction;
            this.sinceNanos = sinceNanos;
        }

        /** One more piece of work that must be done before the unit is. */
        void open() {
            open++;
        }

        @Nullable Transaction transaction() {
            return transaction;
        }

        private boolean isDone() {
            return end != null && open == 0;
        }
    }

    private final ArrayDeque<Unit> units = new ArrayDeque<>();
    private @Nullable Position low;

    /** Appends a transaction, to be closed by {@link #commit}. */
    Unit begin(Transaction transaction, long nowNanos) {
        Unit unit = new Unit(transaction, nowNanos);
        units.addLast(unit);
        return unit;
    }

    /** The transaction has no more changes; {@code end} is what confirms it. */
    void commit(Unit unit, Position end) {
        unit.end = end;
    }

    /** Everything before the position was received. Merges with a mark at the tail. */
    void mark(Position position) {
        Unit tail = units.peekLast();
        if (tail == null || tail.transaction != null) {
            tail = new Unit(null, 0);
            units.addLast(tail);
        }
        tail.end = tail.end == null ? position : Position.later(tail.end, position);
    }

    /** One piece of the unit's work is done. */
    void done(Unit unit) {
        if (unit.open <= 0) {
            throw new IllegalStateException(
                    "More work was finished than begun in transaction " + unit.transaction);
        }
        unit.open--;
    }

    /**
     * Forgets a transaction that was begun and never committed, because the stream broke: it will
     * come again whole. Its work goes on and no longer counts.
     */
    void abandon(Unit unit) {
        units.removeLastOccurrence(unit);
    }

    /** Moves over what is done at the head; returns whether the watermark moved. */
    boolean advance() {
        boolean moved = false;
        Unit head = units.peekFirst();
        while (head != null && head.isDone()) {
            units.removeFirst();
            Position end = Objects.requireNonNull(head.end);
            if (low == null || end.isAfter(low)) {
                low = end;
                moved = true;
            }
            head = units.peekFirst();
        }
        return moved;
    }

    /** Everything before it is done; null before the first. */
    @Nullable Position low() {
        return low;
    }

    /**
     * When the oldest transaction that is not done was begun, in terms of {@link System#nanoTime};
     * 0 if none is.
     */
    long oldestSince() {
        for (Unit unit : units) {
            if (unit.transaction != null) {
                return unit.sinceNanos;
            }
        }
        return 0;
    }

    /**
     * Whether the next thing that the watermark would move over is a transaction and not a mere
     * mark.
     */
    boolean headIsTransaction() {
        Unit head = units.peekFirst();
        return head != null && head.transaction != null;
    }
}
