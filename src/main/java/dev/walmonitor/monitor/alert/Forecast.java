package dev.walmonitor.monitor.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * When a slot will have kept all that the server lets it keep, if it goes on as in the last
 * minutes. Owned by {@link Observer}.
 */
final class Forecast {
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration SHORTEST = Duration.ofSeconds(20);

    private record Reading(Instant at, long safeBytes) {}

    private final Deque<Reading> readings = new ArrayDeque<>();

    /**
     * @param safeBytes how much more log can be written before the slot is in danger of being lost
     */
    void read(Instant now, long safeBytes) {
        while (!readings.isEmpty()
                && Duration.between(readings.getFirst().at(), now).compareTo(WINDOW) > 0) {
            readings.removeFirst();
        }
        readings.addLast(new Reading(now, safeBytes));
    }

    /** There is no limit, or the server cannot be asked. */
    void forget() {
        readings.clear();
    }

    /** Empty if it was not watched for long enough, or what is left does not become less. */
    Optional<Duration> timeLeft() {
        if (readings.size() < 2) {
            return Optional.empty();
        }
        Reading first = readings.getFirst();
        Reading last = readings.getLast();
        Duration time = Duration.between(first.at(), last.at());
        double lost = (double) first.safeBytes() - last.safeBytes();
        if (time.compareTo(SHORTEST) < 0 || lost <= 0) {
            return Optional.empty();
        }
        double seconds = Math.max(0, last.safeBytes()) / lost * time.toMillis() / 1000;
        return Optional.of(Duration.ofSeconds((long) Math.min(seconds, 1e9)));
    }
}
