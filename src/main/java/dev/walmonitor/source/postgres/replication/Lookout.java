package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.wire.WireException;
import java.time.Duration;
import java.time.Instant;

/** Listens whether the server is there. Owned by the connection's event loop. */
final class Lookout {
    /** What to do about a silence. */
    enum Verdict {
        QUIET,
        ASK,
        GIVE_UP
    }

    private final Silence silence;
    private long lastHeard = System.currentTimeMillis();

    /**
     * @param walSenderTimeout the server's, zero for none
     */
    Lookout(Duration walSenderTimeout) {
        this.silence = new Silence(walSenderTimeout, System.nanoTime());
    }

    void heard() {
        silence.heard(System.nanoTime());
        lastHeard = System.currentTimeMillis();
    }

    /** The time in which nobody listened was no silence of the server. */
    void resumed() {
        silence.heard(System.nanoTime());
    }

    /**
     * @param deaf whether nobody listens now
     */
    Verdict look(boolean deaf) {
        long now = System.nanoTime();
        if (deaf) {
            return Verdict.QUIET;
        }
        if (silence.isTooLong(now)) {
            return Verdict.GIVE_UP;
        }
        return silence.isSuspicious(now) ? Verdict.ASK : Verdict.QUIET;
    }

    WireException givenUp() {
        return new WireException.ConnectionLost(
                "Nothing came from the server for "
                        + silence.limit().toSeconds()
                        + " s; the connection is given up");
    }

    boolean isStall() {
        return silence.isStall(System.nanoTime());
    }

    Instant lastHeard() {
        return Instant.ofEpochMilli(lastHeard);
    }

    /** How often to look. */
    Duration interval() {
        return silence.tick();
    }

    /** How often the server is to hear from us. */
    Duration statusInterval(Duration wanted) {
        return silence.statusInterval(wanted);
    }
}
