package dev.walmonitor.change;

/**
 * Which log a {@link Position} belongs to. Positions of two identities must not be compared, but
 * for those of one {@code system} and {@code timeline}.
 *
 * @param system the database cluster, by the identifier that it gives itself; of a copy it is the
 *     same
 * @param timeline the branch of the cluster's history; a standby that is promoted begins a new one
 * @param epoch our own count of the slots and branches that we followed, from 1: it rises whenever
 *     what comes may not continue what came
 */
public record LogIdentity(String system, long timeline, long epoch) {

    /** The same log, followed afresh. */
    public LogIdentity next() {
        return new LogIdentity(system, timeline, epoch + 1);
    }

    @Override
    public String toString() {
        return system + ", timeline " + timeline + ", epoch " + epoch;
    }
}
