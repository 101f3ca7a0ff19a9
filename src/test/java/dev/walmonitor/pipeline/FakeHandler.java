package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps what it is given until the test says how it ends; changes are known by their ids. */
class FakeHandler implements ChangeHandler {
    /** What was begun, in order. */
    final List<String> begun = new ArrayList<>();

    /** Whether it can make its values anew. */
    boolean rebuilds;

    /** Why it does nothing any more. */
    @Nullable String disabled;

    @Override
    public @Nullable String disabled() {
        return disabled;
    }

    private final Map<String, UniEmitter<? super HandlerResult>> running = new LinkedHashMap<>();

    @Override
    public boolean canRebuild() {
        return rebuilds;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        begun.add(change.id().toString());
        return Uni.createFrom().emitter(emitter -> running.put(change.id().toString(), emitter));
    }

    /** What was begun and has not ended. */
    List<String> running() {
        return List.copyOf(running.keySet());
    }

    void finish(String id) {
        end(id).complete(HandlerResult.NONE);
    }

    void finish(String id, HandlerResult result) {
        end(id).complete(result);
    }

    void finishAll() {
        running().forEach(this::finish);
    }

    void fail(String id) {
        end(id).fail(new IllegalStateException("no luck"));
    }

    private UniEmitter<? super HandlerResult> end(String id) {
        UniEmitter<? super HandlerResult> emitter = running.remove(id);
        if (emitter == null) {
            throw new IllegalStateException(id + " is not running, but " + running.keySet());
        }
        return emitter;
    }
}
