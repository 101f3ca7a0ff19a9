package dev.walmonitor.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long after their commits rows arrived, in microseconds, over some time at a rate. PostgreSQL
 * takes the time of a commit before it flushes it, so the flush is in it.
 *
 * @param sorted ascending
 * @param cores of the consumer
 */
record Latencies(long[] sorted, Duration time, double cores, long memory) {
    static final String SUITE = "latency";

    static Latencies of(long[] micros, Duration time, double cores, long memory) {
        long[] sorted = micros.clone();
        Arrays.sort(sorted);
        return new Latencies(sorted, time, cores, memory);
    }

    /** What a part of all rows did not exceed; -1 if there are none. */
    long at(double part) {
        if (sorted.length == 0) {
            return -1;
        }
        return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
    }

    Map<String, Object> values(int rate, String consumer, int rep) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("rate", rate);
        values.put("consumer", consumer);
        values.put("rep", rep);
        values.put("rows", sorted.length);
        values.put("rows_a_second", sorted.length * 1000.0 / time.toMillis());
        values.put("p50", at(0.5));
        values.put("p95", at(0.95));
        values.put("p99", at(0.99));
        values.put("p999", at(0.999));
        values.put("most", at(1));
        values.put("cores", cores);
        values.put("memory_kb", memory);
        return values;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d rows, p50 %,d µs, p95 %,d, p99 %,d, most %,d, %.2f cores",
                sorted.length,
                at(0.5),
                at(0.95),
                at(0.99),
                at(1),
                cores);
    }
}
