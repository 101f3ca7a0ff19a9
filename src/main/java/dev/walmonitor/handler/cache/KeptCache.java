package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import io.smallrye.mutiny.Uni;

/** The keys of one rule. May be called from any thread. */
interface KeptCache extends ChangeHandler {

    Rule rule();

    CacheSpec spec();

    /** Its fills, one after the other. */
    Fills fills();

    /** The log that is followed from now on. */
    @Override
    void follow(LogIdentity log);

    /** Makes one key anew, as the database is now. Fails if the rule makes no such key. */
    Uni<HandlerResult> refresh(String key, Reason reason);

    /** Holds a key against the database. */
    Uni<Comparison> compare(String key);

    /**
     * Whether changes only take keys away from now on, instead of keeping what is there now. Making
     * keys anew, by hand or all of them, is not a change's business.
     */
    default void invalidateOnly(boolean only) {
        // one that keeps nothing does nothing else
    }

    default boolean invalidatesOnly() {
        return false;
    }

    /** What a key holds and what it ought to hold, at about the same time. */
    record Comparison(boolean same, String cached, String ought) {}
}
