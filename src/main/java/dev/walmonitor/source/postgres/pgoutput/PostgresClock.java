package dev.walmonitor.source.postgres.pgoutput;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The protocol's time stamps: microseconds since midnight of 2000-01-01, UTC. */
public final class PostgresClock {
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private PostgresClock() {}

    public static Instant toInstant(long micros) {
        return EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    public static long toMicros(Instant instant) {
        return EPOCH.until(instant, ChronoUnit.MICROS);
    }
}
