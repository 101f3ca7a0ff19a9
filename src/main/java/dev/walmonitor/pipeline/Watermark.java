package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.Transaction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgement queue: what was received, in the order in which it was received, and up to
 * where all of it is done. Owned by the pipeline's loop.
 *
 * <p>Units are never sorted; a transaction is done when it was committed and each of its changes
 * was handled by each rule that wants it; a mark is done at once. The watermark moves over the done
 * units at the head, and only forward. Done units that must wait for one before them become one, so
 * that the queue is never longer than twice the work that is open.
 */
final class Watermark {

    /** How the watermark moved. */
    enum Move {
        NONE,
        /** Over marks alone. */
        IDLE,
        /** Over at least one transaction that a rule had work with. */
        WORK
    }

    /** A transaction, or a mark between transactions, or several of both that are done. */
    static final class Unit {
        private final @Nullable Transaction transaction;
        private final long sinceNanos;
        private boolean work;
        private @Nullable Position end;
        private int open;
        private @Nullable Unit previous;
        private @Nullable Unit next;

        private Unit(@Nullable Transaction transaction, long sinceNanos) {
            this.transaction = transaction;
            this.sinceNanos = sinceNanos;
        }

        /** One more piece of work that must be done before the unit is. */
        void open() {
            open++;
            work = true;
        }

        /** Whether a rule ever had work with it. */
        boolean hasWork() {
            return work;
        }

        boolean isDone() {
            return end != null && open == 0;
        }
    }

    private @Nullable Unit first;
    private @Nullable Unit last;
    private @Nullable Position low;
    private @Nullable Position moved;

    /**
     * Where the first stream starts: the watermark will not be before it, though a server may well
     * tell of places that are.
     */
    void startFrom(Position position) {
        low = position;
    }

    /**
     * The log goes on from a place that does not follow upon what came: on another branch, where
     * positions of what is open mean nothing, or behind a gap, which what is open belongs to. It is
     * forgotten: its work goes on and no longer counts.
     */
    void startAgainFrom(Position position) {
        while (first != null) {
            first.end = null;
            remove(first);
        }
        low = position;
        moved = null;
    }

    /** Appends a transaction, to be closed by {@link #commit}. */
    Unit begin(Transaction transaction, long nowNanos) {
        Unit unit = new Unit(transaction, nowNanos);
        append(unit);
        return unit;
    }

    /** The transaction has no more changes; {@code end} is what confirms it. */
    void commit(Unit unit, Position end) {
        unit.end = end;
        mergeIfDone(unit);
    }

    /** Everything before the position was received. */
    void mark(Position position) {
        Unit unit = new Unit(null, 0);
        unit.end = position;
        append(unit);
        mergeIfDone(unit);
    }

    /** One piece of the unit's work is done. */
    void done(Unit unit) {
        if (unit.open <= 0) {
            throw new IllegalStateException(
                    "More work was finished than begun in transaction " + unit.transaction);
        }
        unit.open--;
        mergeIfDone(unit);
    }

    /**
     * Forgets a transaction that was begun and never committed, because the stream broke: it will
     * come again whole. Its work goes on and no longer counts.
     */
    void abandon(Unit unit) {
        remove(unit);
    }

    /**
     * Moves over what is done at the head. The first time that this is anything it counts as a
     * move, though it may have led nowhere: the start of the stream is to be confirmed too.
     */
    Move advance() {
        boolean any = false;
        boolean work = false;
        for (Unit head = first; head != null && head.isDone(); head = first) {
            remove(head);
            any = true;
            work |= head.work;
            Position end = Objects.requireNonNull(head.end);
            low = low == null ? end : Position.later(low, end);
        }
        if (!any || Objects.equals(low, moved)) {
            return Move.NONE;
        }
        moved = low;
        return work ? Move.WORK : Move.IDLE;
    }

    /** Everything before it is done; null before the first. */
    @Nullable Position low() {
        return low;
    }

    /**
     * When the transaction that the watermark waits for was begun, as the loop's clock told it; 0
     * if it waits for none.
     */
    long oldestSince() {
        return first == null ? 0 : first.sinceNanos;
    }

    /** How many units are waiting. */
    int size() {
        int size = 0;
        for (Unit unit = first; unit != null; unit = unit.next) {
            size++;
        }
        return size;
    }

    private void mergeIfDone(Unit unit) {
        if (unit.isDone()) {
            merge(unit, unit.next);
            merge(unit.previous, unit);
        }
    }

    /** Two neighbours that are both done become one. */
    private void merge(@Nullable Unit unit, @Nullable Unit next) {
        if (unit != null && next != null && unit.isDone() && next.isDone()) {
            unit.end =
                    Position.later(
                            Objects.requireNonNull(unit.end), Objects.requireNonNull(next.end));
            unit.work |= next.work;
            remove(next);
        }
    }

    private void append(Unit unit) {
        unit.previous = last;
        if (last == null) {
            first = unit;
        } else {
            last.next = unit;
        }
        last = unit;
    }

    private void remove(Unit unit) {
        if (unit.previous == null) {
            first = unit.next;
        } else {
            unit.previous.next = unit.next;
        }
        if (unit.next == null) {
            last = unit.previous;
        } else {
            unit.next.previous = unit.previous;
        }
        unit.previous = null;
        unit.next = null;
    }
}
