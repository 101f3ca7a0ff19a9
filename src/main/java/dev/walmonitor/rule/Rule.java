package dev.walmonitor.rule;

import dev.walmonitor.change.RowChange;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What is common to the rules of every action.
 *
 * @param name as in the rules file
 * @param action the word of its one action, such as {@code cache}
 * @param source the name of the source that it listens to
 */
public record Rule(String name, String action, String source, Filter filter, Retry retry) {

    /**
     * Whether a change that came through the filter is the rule's business; decided by what is in
     * the change alone.
     */
    public boolean accepts(RowChange change) {
        return filter.accepts(change);
    }

    /**
     * How a change that failed is tried again: after {@code backoff}, then after twice the time
     * before, up to {@code maxBackoff}, each less a random part of up to a half.
     */
    public record Retry(Duration backoff, Duration maxBackoff) {
        public static final Retry DEFAULT =
                new Retry(Duration.ofMillis(500), Duration.ofSeconds(30));

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
