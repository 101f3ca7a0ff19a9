package dev.walmonitor.pipeline;

import dev.walmonitor.pipeline.ParkedChange.Place;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Parks sooner or later, on this thread or another, or not at all; what was on its way when a
 * process dies may have arrived. It outlives processes.
 */
final class UnreliableParking extends MemoryParking {
    private final Ledger ledger;
    private final Random random;
    private final int failures;
    private ManualLoop loop = new ManualLoop();
    private boolean faulty = true;
    private int life;

    UnreliableParking(Ledger ledger, Random random) {
        this.ledger = ledger;
        this.random = random;
        this.failures = random.nextBoolean() ? 0 : random.nextInt(60);
    }

    /** Another process begins. */
    void live(ManualLoop in) {
        loop = in;
        life++;
    }

    /** From now on nothing fails. */
    void calm() {
        faulty = false;
    }

    private <T> Uni<T> sometime(Uni<T> work) {
        int mine = life;
        boolean fails = faulty && random.nextInt(100) < failures;
        if (fails && random.nextBoolean()) {
            return Uni.createFrom().failure(new IllegalStateException("not parked"));
        }
        if (random.nextInt(4) == 0) {
            return work;
        }
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.schedule(
                                Duration.ofMillis(
                                        random.nextInt(
                                                faulty && random.nextInt(8) == 0 ? 3_000 : 20)),
                                () -> {
                                    if (mine == life) {
                                        answer(work, fails, emitter);
                                    }
                                }));
    }

    private <T> void answer(
            Uni<T> work, boolean fails, io.smallrye.mutiny.subscription.UniEmitter<? super T> to) {
        work.subscribe()
                .with(
                        done ->
                                loop.elsewhere(() -> {
                                    if (fails) {
                                        to.fail(new IllegalStateException("parked, and not told"));
                                    } else {
                                        to.complete(done);
                                    }
                                }),
                        to::fail);
    }

    @Override
    public Uni<Map<String, Standing>> load(String source) {
        return sometime(super.load(source));
    }

    @Override
    public Uni<Void> park(String source, List<ParkedChange> changes) {
        return sometime(super.park(source, changes));
    }

    @Override
    void parked(ParkedChange change) {
        ledger.parked(change.rule(), change.change());
    }

    @Override
    void merged(ParkedChange before, ParkedChange now) {
        ledger.merged(now.rule(), before.change(), now.change());
    }

    @Override
    public Uni<List<ParkedChange>> page(
            String source, String rule, @Nullable Place after, int count, long bytes) {
        return sometime(
                super.page(source, rule, after, Math.min(count, 1 + random.nextInt(9)), bytes));
    }

    @Override
    public Uni<Void> settle(Collection<ParkedChange> done, Collection<ParkedChange> failed) {
        return sometime(
                super.settle(done, failed)
                        .invoke(() ->
                                done.stream()
                                        .filter(each -> !has(each))
                                        .forEach(each ->
                                                ledger.settled(each.rule(), each.change()))));
    }

    @Override
    public Uni<Void> pause(String source, String rule, @Nullable String why) {
        return sometime(super.pause(source, rule, why));
    }
}
