package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Stores at once, unless it is told to be slow or out of order. */
class FakeStore implements WatermarkStore {
    /** What was asked to be stored, in order. */
    final List<String> asked = new ArrayList<>();

    /** What was put on record, in order: the checkpoint, and the gap if there was one. */
    final List<String> begun = new ArrayList<>();

    Optional<Checkpoint> stored = Optional.empty();
    boolean slow;
    @Nullable RuntimeException failure;
    private @Nullable UniEmitter<? super Void> waiting;

    @Override
    public Uni<Optional<Checkpoint>> load(String source) {
        return Uni.createFrom().item(stored);
    }

    @Override
    public Uni<Void> begin(
            String source,
            Checkpoint checkpoint,
            @Nullable Gap gap,
            Map<String, WatermarkStore.Remedy> rules) {
        begun.add(
                checkpoint.log().epoch()
                        + " from "
                        + checkpoint.watermark()
                        + (gap == null ? "" : " lost " + gap + " " + rules));
        return failure == null ? Uni.createFrom().voidItem() : Uni.createFrom().failure(failure);
    }

    @Override
    public Uni<Void> store(String source, Checkpoint checkpoint) {
        asked.add(checkpoint.watermark().text());
        if (slow) {
            return Uni.createFrom().emitter(emitter -> waiting = emitter);
        }
        return failure == null ? Uni.createFrom().voidItem() : Uni.createFrom().failure(failure);
    }

    boolean isWaiting() {
        return waiting != null;
    }

    /** What is being stored is stored, or the failure is told. */
    void answer() {
        UniEmitter<? super Void> emitter = waiting;
        waiting = null;
        if (emitter == null) {
            throw new IllegalStateException("Nothing is being stored");
        }
        if (failure == null) {
            emitter.complete(null);
        } else {
            emitter.fail(failure);
        }
    }
}
