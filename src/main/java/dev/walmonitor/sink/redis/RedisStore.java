package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values in Redis. Commands are carried out in the order in which they were given, for as
 * long as the connection holds: one that was too slow to be waited for still comes before the next.
 *
 * <p>Every failure is a {@link dev.walmonitor.sink.SinkException}. A failed write may have
 * happened.
 */
public interface RedisStore {

    /**
     * Puts a value in the place of whatever is there.
     *
     * @param ttl after which Redis forgets it; null: never. At least a millisecond.
     */
    Uni<Void> set(String key, String value, @Nullable Duration ttl);

    /** The value, or null if there is none. */
    Uni<@Nullable String> get(String key);

    /** Removes a value, if there is one. */
    Uni<Void> delete(String key);
}
