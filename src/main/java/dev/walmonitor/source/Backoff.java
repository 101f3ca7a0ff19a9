package dev.walmonitor.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before something that failed is tried again.
 *
 * @param first after the first failure
 * @param most however often it failed
 */
public record Backoff(Duration first, Duration most, RandomGenerator random) {

    /**
     * Doubles with every failure up to the maximum, less a random part of up to a half, so that
     * retries spread.
     *
     * @param failures how often it has failed, from 1
     */
    public Duration after(int failures) {
        long ceiling = most.toNanos();
        long base = first.toNanos();
        int doublings = Math.clamp(failures - 1, 0, 40);
        long full = base > ceiling >> doublings ? ceiling : base << doublings;
        return Duration.ofNanos(full - random.nextLong(full / 2 + 1));
    }
}
