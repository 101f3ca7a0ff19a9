package dev.walmonitor.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How finely {@code wal_metrics} tells of a time: each row, a minute, an hour. Immutable. */
public final class Resolutions {
    /** How many points a series may have. */
    public static final int MOST_POINTS = 2_000;

    private static final int MINUTE = 60;
    private static final int HOUR = 3_600;

    /**
     * What a series is read from.
     *
     * @param resolution of the rows, in seconds
     * @param step of the series, in seconds; not less than the resolution
     */
    public record Choice(int resolution, int step) {}

    private record Level(int seconds, Duration keep) {}

    private final List<Level> levels = new ArrayList<>();

    Resolutions(MetricsConfig config) {
        int raw = Math.clamp(config.interval().toSeconds(), 1, HOUR);
        levels.add(new Level(raw, config.keep()));
        if (raw < MINUTE) {
            levels.add(new Level(MINUTE, config.keepMinutes()));
        }
        if (raw < HOUR) {
            levels.add(new Level(HOUR, config.keepHours()));
        }
    }

    /** The finest one, in seconds. */
    int raw() {
        return levels.getFirst().seconds();
    }

    /** All of them in seconds, the finest first. */
    List<Integer> all() {
        return levels.stream().map(Level::seconds).toList();
    }

    /** How long rows are kept that stand for so many seconds. */
    Duration keep(int seconds) {
        return levels.stream()
                .filter(level -> level.seconds() == seconds)
                .map(Level::keep)
                .findFirst()
                .orElse(Duration.ZERO);
    }

    /**
     * The coarsest rows that are fine enough for the step, among those that go back far enough; if
     * none does, the coarsest of all.
     */
    public Choice choose(Instant from, Duration step, Instant now) {
        int wanted = Math.clamp(step.toSeconds(), 1, Integer.MAX_VALUE);
        Level chosen = levels.getFirst();
        for (Level level : levels) {
            boolean forgotten = now.minus(chosen.keep()).isAfter(from);
            if (level.seconds() <= wanted || forgotten) {
                chosen = level;
            }
        }
        return new Choice(chosen.seconds(), Math.max(wanted, chosen.seconds()));
    }
}
