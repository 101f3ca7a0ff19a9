package dev.walmonitor.rule;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What is common to the rules of every action.
 *
 * @param name as in the rules file
 * @param action the word of its one action, such as {@code cache}
 * @param source the name of the source that it listens to
 * @param when which of the changes that come through the filter are its business; empty: all
 * @param order which changes wait for one another
 * @param paused whether it does nothing at first, and its changes wait
 */
public record Rule(
        String name,
        String action,
        String source,
        Filter filter,
        Retry retry,
        Optional<Condition> when,
        Order order,
        boolean paused) {

    /** Which changes of a rule come one after the other. */
    public enum Order {
        /** Those of one row. */
        KEY,
        /** Those of one table. */
        TABLE,
        /** None. */
        NONE
    }

    /** A rule about every change that comes through its filter, in the order of the rows. */
    public Rule(String name, String action, String source, Filter filter, Retry retry) {
        this(name, action, source, filter, retry, Optional.empty(), Order.KEY, false);
    }

    /** What keeps its condition from ever being decided with these tables. */
    public List<Fault> conditionFaults(List<Relation> tables) {
        return when.map(condition -> condition.faults(this, tables)).orElse(List.of());
    }

    /**
     * Whether a change that came through the filter is one of the changes that the rule names;
     * whether {@link #when} holds is decided by whoever can read what the change lacks.
     */
    public boolean accepts(RowChange change) {
        return filter.accepts(change);
    }

    /** What becomes of a change that has failed as often as it may. */
    public enum Exhausted {
        /** It is kept aside until somebody retries or discards it. */
        DEAD_LETTER,
        /** The rule is paused. */
        STOP,
        /** It is forgotten, but for a line in the log. */
        DROP
    }

    /**
     * How a change that failed is tried again: after {@code backoff}, then after twice the time
     * before, up to {@code maxBackoff}, each less a random part of up to a half.
     *
     * @param maxAttempts after so many it is given up; 0 for a rule that says nothing: then only a
     *     change is given up of which waiting cannot help, and none of a cache
     * @param exhausted what becomes of it then
     */
    public record Retry(
            Duration backoff, Duration maxBackoff, int maxAttempts, Exhausted exhausted) {
        public static final Retry DEFAULT =
                new Retry(Duration.ofMillis(500), Duration.ofSeconds(30));

        /** Tried without end, unless waiting cannot help. */
        public Retry(Duration backoff, Duration maxBackoff) {
            this(backoff, maxBackoff, 0, Exhausted.DEAD_LETTER);
        }

        /**
         * How long to wait.
         *
         * @param failures how often it has failed, from 1
         */
        public Duration delay(int failures, RandomGenerator random) {
            long most = maxBackoff.toNanos();
            long first = backoff.toNanos();
            int doublings = Math.clamp(failures - 1, 0, 40);
            long full = first > most >> doublings ? most : first << doublings;
            return Duration.ofNanos(full - random.nextLong(full / 2 + 1));
        }
    }
}
