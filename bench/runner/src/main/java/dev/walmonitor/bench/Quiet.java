package dev.walmonitor.bench;

import java.time.Duration;

/** Waits for the machine, which others may use too. */
record Quiet(Duration patience) {
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Cores in use by which a machine still counts as quiet. */
    private static final double NOISE = 0.15;

    /** Returns when nothing else keeps the machine busy, or patience is at its end. */
    void await() throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        boolean quiet = false;
        while (!quiet && System.nanoTime() < until) {
            double before = Proc.busy();
            Thread.sleep(LOOK);
            quiet = Proc.busy() - before < NOISE * LOOK.toSeconds();
        }
    }
}
