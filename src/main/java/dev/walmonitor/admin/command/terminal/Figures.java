package dev.walmonitor.admin.command.terminal;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Amounts as people read them. */
public final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Figures() {}

    /** Such as {@code 16.0 MiB}. */
    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (Math.abs(amount) >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** Such as {@code 3m} or {@code 250ms}: the largest unit alone. */
    public static String duration(Duration time) {
        long millis = Math.max(0, time.toMillis());
        if (millis < 1000) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    /** How long ago it was. */
    public static String ago(Instant then, Instant now) {
        return duration(Duration.between(then, now));
    }
}
