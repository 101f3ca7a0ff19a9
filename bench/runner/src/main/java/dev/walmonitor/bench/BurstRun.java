package dev.walmonitor.bench;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One run of {@link Burst}.
 *
 * @param updates how many there were while it was measured
 * @param time from the first to the last commit
 * @param covered from the last commit until each key had its last value
 * @param writes of all keys, as Redis carried them out
 * @param most of one key
 * @param share the part of the time for which the key was refreshed that was refreshed longest
 * @param refresh the mean of all
 */
record BurstRun(
        long updates,
        Duration time,
        Duration covered,
        int writes,
        int most,
        double share,
        Duration refresh,
        double cores,
        long memory) {

    private double ratio() {
        return most * (double) CachedTables.TABLES / updates;
    }

    private double rate() {
        return updates * 1e9 / time.toNanos();
    }

    Map<String, Object> values(int rep) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("rep", rep);
        values.put("keys", CachedTables.TABLES);
        values.put("updates", updates);
        values.put("seconds", time.toNanos() / 1e9);
        values.put("updates_a_second", rate());
        values.put("covered_ms", covered.toNanos() / 1e6);
        values.put("writes", writes);
        values.put("most_writes", most);
        values.put("writes_an_update", ratio());
        values.put("refreshing", share);
        values.put("refresh_ms", refresh.toNanos() / 1e6);
        values.put("cores", cores);
        values.put("memory_kb", memory);
        return values;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d updates in %.1f s, covered after %,d ms, %,d writes, at most %,d of a key, which was"
                        + " refreshed for %.3f of the time, %.1f ms each, %.2f cores",
                updates,
                time.toNanos() / 1e9,
                covered.toMillis(),
                writes,
                most,
                share,
                refresh.toNanos() / 1e6,
                cores);
    }
}
