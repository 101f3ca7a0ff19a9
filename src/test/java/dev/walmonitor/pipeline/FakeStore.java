package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stores at once, unless it is told to be slow or out of order. */
final class FakeStore implements WatermarkStore {
    /** What was asked to be stored, in order. */
    final List<String> asked = new ArrayList<>();

    boolean slow;
    @Nullable RuntimeException failure;
    private @Nullable UniEmitter<? super Void> waiting;

    @Override
    public Uni<Void> store(String source, Position position) {
        asked.add(position.text());
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
