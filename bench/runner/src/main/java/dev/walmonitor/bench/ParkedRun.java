package dev.walmonitor.bench;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One run of {@link Parked}.
 *
 * @param parking from the first commit until all changes were in the table
 * @param time from the rule's being resumed until the last change had arrived
 * @param requests within that time
 * @param cpu of the service within that time, in seconds
 * @param heapBefore the most that a collection left while changes were parked, in bytes
 * @param heap the most that one left while they were delivered
 * @param memory the largest resident set, in KB
 */
record ParkedRun(
        int changes,
        Duration parking,
        Duration time,
        int requests,
        double cpu,
        long heapBefore,
        long heap,
        long memory) {
    private static final double MEGABYTE = 1 << 20;

    private double seconds() {
        return time.toNanos() / 1e9;
    }

    Map<String, Object> values(int rep) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("rep", rep);
        values.put("changes", changes);
        values.put("parking_seconds", parking.toNanos() / 1e9);
        values.put("seconds", seconds());
        values.put("changes_a_second", changes / seconds());
        values.put("requests_a_second", requests / seconds());
        values.put("cores", cpu / seconds());
        values.put("cpu", cpu);
        values.put("heap_before_mb", heapBefore / MEGABYTE);
        values.put("heap_mb", heap / MEGABYTE);
        values.put("memory_kb", memory);
        return values;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d changes parked within %.1f s, delivered in %.2f s or %,.0f a second, %.2f cores, heap %.0f MB"
                        + " (%.0f while they were parked)",
                changes,
                parking.toNanos() / 1e9,
                seconds(),
                changes / seconds(),
                cpu / seconds(),
                heap / MEGABYTE,
                heapBefore / MEGABYTE);
    }
}
