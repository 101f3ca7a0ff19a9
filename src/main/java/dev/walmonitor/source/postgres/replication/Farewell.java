package dev.walmonitor.source.postgres.replication;

import java.time.Duration;

/**
 * Knows a server that is shutting down: it asks for an answer as often as it gets one, and does not
 * move on. We answer ten times a second at most; in ordinary times it asks once in half its
 * timeout. Owned by the connection's event loop.
 */
final class Farewell {
    private static final int INSISTENT = 5;
    private static final long WITHIN = Duration.ofSeconds(1).toNanos();

    private long position;
    private long sinceNanos;
    private int asked;

    /**
     * The server asks for an answer.
     *
     * @param end where it stands
     * @return whether this is what tells that it is shutting down; once only
     */
    boolean asked(long end, long nowNanos) {
        if (end != position || (asked <= INSISTENT && nowNanos - sinceNanos > WITHIN)) {
            position = end;
            sinceNanos = nowNanos;
            asked = 0;
        }
        asked++;
        return asked == INSISTENT + 1;
    }
}
