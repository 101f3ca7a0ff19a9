package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.rule.Rule;

/**
 * Follows what becomes of each change, from its commit to its effect. Asked whether it is on once,
 * at the start; while it is off nothing else of it is called. What is about one source is called on
 * the loop of its pipeline, and must not block.
 */
public interface Tracing {

    /** What becomes of a change that its rule has not done. */
    enum Fate {
        /** It waits in the monitor database until it can be done. */
        PARKED,
        /** It was given up, and is kept as a dead letter. */
        DEAD,
        /** It was given up, and is forgotten. */
        DROPPED
    }

    boolean isOn();

    /**
     * The handler as it is to be asked from now on.
     *
     * @param loop of the rule's source, on which it is asked and on which it answers
     */
    ChangeHandler traced(Rule rule, ChangeHandler handler, Loop loop);

    /** The first of a transaction's events has come. */
    void begun(Transaction transaction);

    /** The rule lets a change be; it comes again to the handler if it was parked. */
    void setAside(Rule rule, RowChange change, Fate fate);
}
