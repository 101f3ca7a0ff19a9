package dev.walmonitor.handler.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a rule has told within a time, so that it is not told again. Thread-safe. */
final class Told {
    /** More than that are not remembered: the oldest may be told again. */
    private static final int MOST = 100_000;

    private record Claim(String change, Instant until) {}

    private final Duration time;
    private final Map<String, Claim> claims = new LinkedHashMap<>();

    Told(Duration time) {
        this.time = time;
    }

    /**
     * Whether the change may tell it: nobody has within the time, or it was the same change, which
     * comes again because it failed.
     */
    synchronized boolean claim(String key, String change, Instant now) {
        forget(now);
        Claim known = claims.get(key);
        if (known != null && known.until().isAfter(now)) {
            return known.change().equals(change);
        }
        claims.remove(key);
        claims.put(key, new Claim(change, now.plus(time)));
        return true;
    }

    /** The change has not told it after all. */
    synchronized void release(String key, String change) {
        Claim known = claims.get(key);
        if (known != null && known.change().equals(change)) {
            claims.remove(key);
        }
    }

    /** What was told before the start, and when, the oldest first. */
    synchronized void remember(Map<String, Instant> keys) {
        keys.forEach((key, at) -> claims.putIfAbsent(key, new Claim("", at.plus(time))));
    }

    private void forget(Instant now) {
        Iterator<Claim> oldest = claims.values().iterator();
        while (oldest.hasNext() && (!oldest.next().until().isAfter(now) || claims.size() >= MOST)) {
            oldest.remove();
        }
    }
}
