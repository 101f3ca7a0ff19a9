package dev.walmonitor.source;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;

/**
 * Which changes anybody wants, so that a source need not decode the rest. Pure and quick; a source
 * asks once a relation and operation and remembers the answer until {@link #version()} moves.
 */
public interface Interest {

    /** Everything. */
    Interest ALL = (relation, operation) -> true;

    boolean wants(Relation relation, Operation operation);

    /**
     * Whether whatever is made of the changes can be made anew from the tables as they are, so that
     * changes that are lost do no lasting harm. Caches can; a notification cannot.
     */
    default boolean canRebuild() {
        return false;
    }

    /** Moves when an answer may have changed. Read for every change, by the thread that decodes. */
    default int version() {
        return 0;
    }
}
