package dev.walmonitor.monitor;

import dev.walmonitor.source.LogGauges;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What each source's database said last of our place in its log; a few seconds old. Thread-safe.
 */
@Singleton
public class LagSamples {
    private final Map<String, LogGauges> samples = new ConcurrentHashMap<>();
    private final List<BiConsumer<String, @Nullable LogGauges>> listeners =
            new CopyOnWriteArrayList<>();

    /**
     * @return null if the database could not be asked the last time
     */
    public @Nullable LogGauges latest(String source) {
        return samples.get(source);
    }

    /**
     * From now on somebody is told of each sample, on whatever thread it came; null where the
     * database could not be asked. Must not block.
     */
    public void whenSampled(BiConsumer<String, @Nullable LogGauges> listener) {
        listeners.add(listener);
    }

    void sampled(String source, LogGauges gauges) {
        samples.put(source, gauges);
        listeners.forEach(listener -> listener.accept(source, gauges));
    }

    void failed(String source) {
        samples.remove(source);
        listeners.forEach(listener -> listener.accept(source, null));
    }
}
