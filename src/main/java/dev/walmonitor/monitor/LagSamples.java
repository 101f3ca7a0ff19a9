package dev.walmonitor.monitor;

import dev.walmonitor.source.LogGauges;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What each source's database said last of our place in its log; a few seconds old. Thread-safe.
 */
@Singleton
public class LagSamples {
    private final Map<String, LogGauges> samples = new ConcurrentHashMap<>();

    /**
     * @return null if the database could not be asked the last time
     */
    public @Nullable LogGauges latest(String source) {
        return samples.get(source);
    }

    void sampled(String source, LogGauges gauges) {
        samples.put(source, gauges);
    }

    void failed(String source) {
        samples.remove(source);
    }
}
