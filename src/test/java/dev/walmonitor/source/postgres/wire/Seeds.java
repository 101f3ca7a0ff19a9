package dev.walmonitor.source.postgres.wire;

import java.util.Random;
import java.util.function.Consumer;

/**
 * Runs a property over random values. The seed of a failing case is in the failure; {@code
 * -Dwal-monitor.test.seed} repeats it, {@code -Dwal-monitor.test.cases} is the number of cases.
 */
final class Seeds {
    private Seeds() {}

    static void forEach(int cases, Consumer<Random> property) {
        Long fixed = Long.getLong("wal-monitor.test.seed");
        int count = fixed != null ? 1 : Integer.getInteger("wal-monitor.test.cases", cases);
        long first = fixed != null ? fixed : System.nanoTime();
        for (int i = 0; i < count; i++) {
            long seed = first + i;
            try {
                property.accept(new Random(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("Failed with seed " + seed, e);
            }
        }
    }
}
