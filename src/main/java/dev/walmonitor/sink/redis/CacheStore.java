package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cached values in Redis that never go back: each write carries a {@link Fence} and is one script.
 * Beside a value stands its record under {@link CacheKeys#fence}; every key of a rule is on its
 * register, and on that of each of its tags, before it is written, so that they can be found
 * without going through all keys of the server.
 *
 * <p>Every failure is a {@link dev.walmonitor.sink.SinkException}. A write that failed may have
 * happened, and may be given again.
 */
public interface CacheStore {

    /**
     * Puts the entry. Fails if the connection was made anew since the call: the server may have
     * lost what the caller relies upon.
     */
    Uni<Put> put(CacheEntry entry, Fence fence);

    /** The value, or null if there is none. */
    Uni<@Nullable String> get(String key);

    /** The value and the record beside it, at one moment; each null if there is none. */
    Uni<Stored> look(String key);

    /** Takes the value away; its record stays. */
    Uni<Void> evict(String key);

    /** Takes every value away that has the tag; answers how many keys. */
    Uni<Integer> evictTag(String tag);

    /** Every key that has the tag, and maybe some that have lost it. */
    Multi<String> tagged(String tag);

    /** Every key that the rule has written and not left out since, in no order; some twice. */
    Multi<String> keys(String rule);

    /** How many keys are on the rule's register. */
    Uni<Long> count(String rule);

    /** Some keys of the rule, at random. */
    Uni<List<String>> sample(String rule, int count);

    /** Takes a key off the rule's register, unless there is a value under it. */
    Uni<Void> leaveOut(String rule, String key);

    /** Reads a value, or takes a lease to fill it. */
    Uni<Lease> lease(String key, Duration atMost);

    /**
     * Fills a value that was read under the lease.
     *
     * @return false if a change came in between: the value is not there, and has to be read again
     */
    Uni<Boolean> fill(String rule, String key, String token, String value, @Nullable Duration ttl);

    /**
     * Whether the server still has everything that was written before {@link #vouch} was last given
     * the same words.
     *
     * @param epoch of the log that is followed
     * @param words without white space
     */
    Uni<Kept> kept(String source, long epoch, String words);

    /** Notes that what is to be there is there; does nothing if a later epoch is on record. */
    Uni<Void> vouch(String source, long epoch, String words);

    /** Runs the task each time that a connection has been made. */
    void whenConnected(Runnable task);

    /** What became of an entry. */
    enum Put {
        /** It is there now. */
        TAKEN,
        /** Something later was there. */
        REFUSED,
        /**
         * Nothing was known of the key, and the server has lost its sentinel: it may have lost
         * something later too. Only what is read now can be put there.
         */
        UNSURE
    }

    /** What the value of a key is, and what is known of it. */
    record Stored(@Nullable String value, @Nullable String record) {}

    /**
     * What became of a read.
     *
     * @param value what is cached, or null
     * @param token with which to fill it; null if there is a value, or another one fills it
     */
    record Lease(@Nullable String value, @Nullable String token) {}

    /** Whether a server has kept its data. */
    enum Kept {
        KEPT,
        /** It holds no sentinel: it is new, or was emptied. */
        MISSING,
        /** It has been started since, or another server has taken over. */
        RESTARTED,
        /** The sentinel is of an earlier log or of other rules. */
        OTHER,
        /** The sentinel is of a later log: another instance has taken over. */
        LATER
    }
}
