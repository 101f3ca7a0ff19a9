package dev.walmonitor.change;

/**
 * Which log a {@link Position} belongs to. Positions of two identities must not be compared, but
 * for those of one {@code system} and {@code timeline}.
 *
 * @param system the database cluster, by the identifier that it gives itself; of a copy it is the
 *     same
 * @param timeline the branch of the cluster's history; a standby that is promoted begins a new one
 * @param epoch our own number of the slots and branches that we followed: it rises whenever what
 *     comes may not continue what came. A first one is the time in seconds, so that it also rises
 *     where what was on record is lost
 */
public record LogIdentity(String system, long timeline, long epoch) {

    /**
     * The same log, followed afresh.
     *
     * @param atLeast what a first epoch would be now
     */
    public LogIdentity next(long atLeast) {
        return new LogIdentity(system, timeline, Math.max(epoch + 1, atLeast));
    }

    @Override
    public String toString() {
        return system + ", timeline " + timeline + ", epoch " + epoch;
    }
}
