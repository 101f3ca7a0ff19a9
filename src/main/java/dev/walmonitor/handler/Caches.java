package dev.walmonitor.handler;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The caches that rules keep, for whoever operates them or reads through them. Thread-safe. */
public interface Caches {

    /** By source and rule. */
    List<CacheView> all();

    /** How many keys a rule keeps; fails with {@link UnknownException}. */
    Uni<Long> count(String rule);

    /** Begins to make every key of a rule anew; fails with {@link UnknownException}. */
    Uni<Void> rebuild(String rule);

    /** Takes one key of a rule away; fails with {@link UnknownException}. */
    Uni<Void> evict(String rule, String key);

    /** Takes every key away that has the tag; answers how many. */
    Uni<Integer> evictTag(String tag);

    /** Makes one key of a rule anew; fails with {@link UnknownException}. */
    Uni<Void> refresh(String rule, String key);

    /** Reads a key of a rule, or takes a lease to fill it; fails with {@link UnknownException}. */
    Uni<Lease> lease(String rule, String key, Duration atMost);

    /**
     * Fills a key of a rule that was read under a lease; fails with {@link UnknownException}.
     *
     * @return false if a change came in between
     */
    Uni<Boolean> fill(String rule, String key, String token, String value, @Nullable Duration ttl);

    /**
     * Which rules of a source only take keys away instead of keeping what is there now: those that
     * are named, from soon on. Those that were named before and are not any more make all their
     * keys anew. Rules that keep nothing do not mind.
     */
    void invalidateOnly(String source, Set<String> rules);

    /** What keeps the caches of a source from being right at this moment. */
    Optional<String> trouble(String source);

    /** The sources that have caches. */
    List<String> sources();

    /**
     * One rule's cache.
     *
     * @param value {@code query}, {@code row} or {@code evict}
     * @param keys as the rule writes them
     * @param state {@code waiting}, {@code filling}, {@code filled}, {@code invalidating}
     * @param reason why it is being filled, or null
     * @param done how many keys the present fill, or the last one, has made
     * @param failure why the last attempt to fill it failed, or null
     * @param filledAt when it was last filled whole, or null
     * @param took how long that took
     * @param divergence the part of the keys last looked at by the audit that were wrong; NaN if
     *     none was looked at
     */
    record CacheView(
            String rule,
            String source,
            String value,
            List<String> keys,
            String state,
            @Nullable String reason,
            long done,
            @Nullable String failure,
            @Nullable Instant filledAt,
            Duration took,
            double divergence) {}

    /**
     * What became of a read.
     *
     * @param value what is cached, or null
     * @param token with which to fill it; null if there is a value, or another one fills it
     */
    record Lease(@Nullable String value, @Nullable String token) {}

    /** There is no such rule, or it has no such key. */
    class UnknownException extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** One sentence. */
        public UnknownException(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
