package dev.walmonitor.handler;

import io.smallrye.mutiny.Uni;
import java.time.Duration;

/** How far rules have come, for handlers that want to know. */
public interface Progress {

    /**
     * Completes with true when the rule has done its work for everything that was committed before
     * the call; with false if it has not in time, or that cannot be known here. Never fails.
     */
    Uni<Boolean> caughtUp(String source, String rule, Duration atMost);

    /** Whether this instance has the source's stream. */
    boolean follows(String source);
}
