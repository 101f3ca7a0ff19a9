package dev.walmonitor.source;

import dev.walmonitor.change.Position;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that a source cannot read past.
 *
 * @param xid its number, unsigned 32 bits; null if the source could not tell
 * @param commit the position of its commit; null if the source could not tell
 * @param behind it lies behind this position
 */
public record Blocked(@Nullable Long xid, @Nullable Position commit, Position behind) {

    /** Whether it is known so exactly that it can be passed over and nothing else with it. */
    public boolean isExact() {
        return xid != null && commit != null;
    }

    /**
     * Whether it is the one that somebody means.
     *
     * @param otherXid null if he does not say
     * @param otherCommit null if he does not say
     */
    public boolean is(@Nullable Long otherXid, @Nullable Position otherCommit) {
        return isExact()
                && (otherXid != null || otherCommit != null)
                && (otherXid == null || otherXid.equals(xid))
                && (otherCommit == null || otherCommit.equals(commit));
    }

    /** In words, to follow "transaction" or "the transaction". */
    @Override
    public String toString() {
        return isExact() ? xid + " (commit at " + commit + ")" : "behind " + behind;
    }
}
