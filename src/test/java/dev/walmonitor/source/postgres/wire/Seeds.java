package dev.walmonitor.source.postgres.wire;

import java.util.Random;
import java.util.function.Consumer;

/**
 * Runs a property over random values. The seed of a failing case is in the failure; {@code
 * -Dfuzz.seed} repeats it, {@code -Dfuzz.cases} is the number of cases.
 */
final class Seeds {
    private Seeds() {}

    static void forEach(int cases, Consumer<Random> property) {
        Long fixed = Long.getLong("fuzz.seed");
        int count = fixed != null ? 1 : Integer.getInteger("fuzz.cases", cases);
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
