package dev.walmonitor.checker;

import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.FaultProxy.Direction;
import dev.walmonitor.embedded.FaultProxy.Fault;
import java.time.Duration;
import java.util.Random;

/** What goes wrong during a trial, one thing after the other, as the seed says. */
final class Faults {
    private final Stage stage;
    private final FaultProxy proxy;
    private final Weather weather;
    private final Processes processes;
    private final Random random;
    private boolean serverMayGo;

    Faults(
            Stage stage,
            FaultProxy proxy,
            Weather weather,
            Processes processes,
            Random random,
            boolean serverMayGo) {
        this.stage = stage;
        this.proxy = proxy;
        this.weather = weather;
        this.processes = processes;
        this.random = random;
        this.serverMayGo = serverMayGo;
    }

    /** One more fault, from its begin to its end, and some peace. */
    void next() throws InterruptedException {
        switch (random.nextInt(23)) {
            case 0 -> stage.terminate();
            case 1 -> proxy.cutAll();
            case 2 -> proxy.set(direction(), new Fault.CutAfter(random.nextInt(30_000)));
            case 3 -> during(800, proxy::blackHole);
            case 4 -> during(1_600, () -> proxy.set(direction(), Fault.HOLD));
            case 5 -> during(200, () -> proxy.set(delay()));
            case 6 -> during(60, () -> proxy.set(direction(), trickle()));
            case 7 -> during(200, () -> proxy.set(Direction.TO_CLIENT, bursts()));
            case 8 -> {
                proxy.refuse();
                proxy.cutAll();
                during(200, () -> {});
            }
            case 9, 10, 11 -> processes.killAndStart();
            case 12, 13 -> leave();
            case 14 -> during(500, () -> weather.stalled = true);
            case 17, 18 -> {
                weather.stalled = true;
                Thread.sleep(random.nextInt(100));
                stage.terminate();
                during(800, () -> {});
            }
            case 19, 20 -> jam();
            case 15 -> during(300, () -> weather.failing = 10 + random.nextInt(80));
            case 16 -> during(300, () -> weather.notStored = 10 + random.nextInt(80));
            default -> server();
        }
        Thread.sleep(random.nextInt(random.nextBoolean() ? 20 : 150));
    }

    /**
     * A transaction that is too large for all buffers, and nothing is read: after half of its
     * patience the server asks whether we are there, in the middle of it.
     */
    private void jam() throws InterruptedException {
        stage.writeMuch(800, proxy::blackHole);
        Thread.sleep(600 + random.nextInt(300));
        peace();
    }

    private Direction direction() {
        return random.nextBoolean() ? Direction.TO_CLIENT : Direction.TO_SERVER;
    }

    private Fault delay() {
        return new Fault.Delay(Duration.ofMillis(1 + random.nextInt(40)));
    }

    private static Fault trickle() {
        return new Fault.Trickle(Duration.ofMillis(1));
    }

    private Fault bursts() {
        return new Fault.Coalesce(1 + random.nextInt(20_000), Duration.ofMillis(20));
    }

    private void during(int most, Runnable fault) throws InterruptedException {
        fault.run();
        Thread.sleep(1 + random.nextInt(most));
        peace();
    }

    /** Nothing is wrong from now on; what has happened has happened. */
    void peace() {
        proxy.pass();
        weather.fair();
    }

    private void leave() throws InterruptedException {
        peace();
        awaitStream(Duration.ofSeconds(3));
        var _ = processes.stopAndStart();
    }

    /** Waits, but not for ever, for a stream that lasts for a moment. */
    void awaitStream(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        int steady = 0;
        while (steady < 5 && System.nanoTime() < until) {
            Thread.sleep(20);
            steady = processes.current().isStreaming() ? steady + 1 : 0;
        }
    }

    /** Costly, so once in a trial at most, and not in every trial. */
    private void server() {
        if (!serverMayGo) {
            return;
        }
        serverMayGo = false;
        if (random.nextBoolean()) {
            stage.server().kill9();
        } else {
            stage.server().stopImmediately();
        }
        stage.server().restart();
    }
}
