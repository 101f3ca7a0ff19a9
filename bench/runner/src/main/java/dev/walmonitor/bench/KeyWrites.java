package dev.walmonitor.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was written under each key. Thread-safe. */
final class KeyWrites implements RedisMonitor.Listener {

    /**
     * Of one key.
     *
     * @param times how often it was written
     * @param value the last, as Redis shows it
     * @param since when that was written first, in microseconds of the Unix epoch
     */
    private record Written(int times, String value, long since) {

        Written then(Written next) {
            return new Written(
                    times + next.times, next.value, value.equals(next.value) ? since : next.since);
        }
    }

    private final Map<String, Written> keys = new ConcurrentHashMap<>();

    @Override
    public void written(long micros, String key, String value) {
        keys.merge(key, new Written(1, value, micros), Written::then);
    }

    /** Forgets how often, and no value. */
    void countFromHere() {
        keys.replaceAll((key, last) -> new Written(0, last.value(), last.since()));
    }

    /** Of all keys. */
    int count() {
        return keys.values().stream().mapToInt(Written::times).sum();
    }

    /** Of the key that was written most. */
    int most() {
        return keys.values().stream().mapToInt(Written::times).max().orElse(0);
    }

    /** When the last key got the value that it still has, in microseconds of the Unix epoch. */
    long settled() {
        return keys.values().stream().mapToLong(Written::since).max().orElse(0);
    }
}
