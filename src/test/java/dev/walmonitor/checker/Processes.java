package dev.walmonitor.checker;

import java.time.Duration;
import java.util.Random;

/** One process after the other; there is always one. */
final class Processes {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Stage stage;
    private final Life.World world;
    private final Random random;
    private int number;
    private Life life;

    Processes(Stage stage, Life.World world, Random random) {
        this.stage = stage;
        this.world = world;
        this.random = random;
        this.life = begin();
    }

    private Life begin() {
        Life next = new Life(world, ++number, new Random(random.nextLong()));
        next.start();
        return next;
    }

    Life current() {
        return life;
    }

    void killAndStart() {
        life.kill();
        life = begin();
    }

    /** Whether it left in order. */
    boolean stopAndStart() {
        boolean clean = stop();
        life = begin();
        return clean;
    }

    /**
     * Whether it left in order, over a connection that both sides have. A process that has stopped
     * reading for a while does not see that the server has hung up.
     */
    boolean stop() {
        boolean held = stage.isHeld();
        boolean clean = life.stop(PATIENCE, held);
        if (clean) {
            world.journal().add(new Journal.Entry.Left(stage.confirmedNow()));
        }
        return clean;
    }
}
