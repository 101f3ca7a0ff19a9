package dev.walmonitor.monitor;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When the row of one source is due. Owned by the {@link SourceWatch} that asks. */
final class Pace {

    /**
     * How often at most the row is written for each kind of news.
     *
     * @param work transactions came
     * @param keepalive nothing came but keepalives; our own write is one of the reasons for them,
     *     so this bounds what we cost an idle database
     * @param check nothing is new; the row says that somebody still looks
     */
    record Limits(Duration work, Duration keepalive, Duration check) {
        static Limits of(Duration work) {
            return new Limits(work, work.multipliedBy(10), work.multipliedBy(60));
        }
    }

    private final Limits limits;
    private @Nullable Sighting last;
    private Instant at = Instant.MIN;

    Pace(Limits limits) {
        this.limits = limits;
    }

    boolean isDue(Sighting next, Instant now) {
        Sighting before = last;
        return before == null
                || next.differsInKind(before)
                || !now.isBefore(at.plus(wait(next, before)));
    }

    private Duration wait(Sighting next, Sighting before) {
        if (next.differsInWork(before)) {
            return limits.work();
        }
        return next.equals(before) ? limits.check() : limits.keepalive();
    }

    /** The row is in other hands: what was written last says nothing any more. */
    void forget() {
        last = null;
    }

    void written(Sighting sighting, Instant now) {
        last = sighting;
        at = now;
    }
}
