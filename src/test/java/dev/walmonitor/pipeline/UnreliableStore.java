package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Position;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Stores sooner or later, on this thread or another, or not at all. */
final class UnreliableStore implements WatermarkStore {
    private final Ledger ledger;
    private final ManualLoop loop;
    private final Random random;
    private final int failures;
    private boolean faulty = true;
    private @Nullable Position underWay;

    UnreliableStore(Ledger ledger, ManualLoop loop, Random random) {
        this.ledger = ledger;
        this.loop = loop;
        this.random = random;
        this.failures = random.nextBoolean() ? 0 : random.nextInt(90);
    }

    /** From now on nothing fails. */
    void calm() {
        faulty = false;
    }

    /** The process dies; what was under way may have arrived. */
    void die() {
        if (underWay != null && random.nextBoolean()) {
            ledger.stored(underWay);
        }
    }

    private boolean fails() {
        return faulty && random.nextInt(100) < failures;
    }

    @Override
    public Uni<Optional<Checkpoint>> load(String source) {
        Position known = ledger.stored();
        return Uni.createFrom()
                .item(Optional.ofNullable(known).map(p -> new Checkpoint(Events.LOG, p)));
    }

    @Override
    public Uni<Void> begin(
            String source, Checkpoint checkpoint, @Nullable Gap gap, Map<String, Remedy> rules) {
        if (fails()) {
            return Uni.createFrom().failure(new IllegalStateException("not stored"));
        }
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.schedule(
                                Duration.ofMillis(random.nextInt(20)),
                                () -> loop.elsewhere(() -> emitter.complete(null))));
    }

    @Override
    @SuppressWarnings("NullAway") // stores of the world return null too
    public Uni<Void> store(String source, Checkpoint checkpoint) {
        Position position = checkpoint.watermark();
        ledger.storing(position);
        if (fails() && random.nextBoolean()) {
            ledger.notStored();
            if (random.nextBoolean()) {
                throw new IllegalStateException("thrown");
            }
            return null;
        }
        underWay = position;
        return Uni.createFrom().emitter(emitter -> answerSometime(position, emitter));
    }

    private void answerSometime(Position position, UniEmitter<? super Void> emitter) {
        if (random.nextInt(4) == 0) {
            answer(position, emitter);
        } else {
            Duration delay =
                    Duration.ofMillis(
                            random.nextInt(5) == 0 ? random.nextInt(5_000) : random.nextInt(20));
            loop.schedule(delay, () -> loop.elsewhere(() -> answer(position, emitter)));
        }
    }

    private void answer(Position position, UniEmitter<? super Void> emitter) {
        underWay = null;
        if (fails()) {
            ledger.notStored();
            emitter.fail(new IllegalStateException("not stored"));
        } else {
            ledger.stored(position);
            emitter.complete(null);
        }
    }
}
