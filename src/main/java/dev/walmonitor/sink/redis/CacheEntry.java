package dev.walmonitor.sink.redis;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be under a key.
 *
 * @param source of the rule
 * @param rule whose key it is
 * @param value null: nothing, and a tombstone in its place
 * @param ttl how long the value lives; null: for ever
 * @param tombstone how long it is remembered that there is nothing
 * @param tags by which it can be found; without line breaks
 */
public record CacheEntry(
        String source,
        String rule,
        String key,
        @Nullable String value,
        @Nullable Duration ttl,
        Duration tombstone,
        List<String> tags) {

    public CacheEntry {
        tags = List.copyOf(tags);
    }
}
