package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.source.ChangeSource;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One source's way to its handlers: demand flows up, changes flow down, the low watermark flows
 * back. Everything but {@link #status} and {@link #drain} is owned by the loop.
 */
final class Pipeline implements MultiSubscriber<ChangeBatch>, RuleRunner.Listener {

    /** How much may be on its way at once before the source has to wait. */
    record Bounds(int tasks, long bytes) {
        static final Bounds DEFAULT = new Bounds(20_000, 64L << 20);
    }

    /** What the pipeline tells of itself. */
    interface Observer {
        /** The stream begins; before the first change after the first beginning. */
        void resumed(boolean first);

        void handled(HandledChange change);

        /** The source cannot go on by itself. */
        void failed(Throwable failure);
    }

    private final ChangeSource source;
    private final Router router;
    private final Confirmer confirmer;
    private final Loop loop;
    private final Bounds bounds;
    private final Observer observer;
    private final Watermark watermark = new Watermark();

    private Flow.@Nullable Subscription subscription;
    private Watermark.@Nullable Unit open;
    private boolean begun;
    private boolean starved;
    private boolean draining;
    private int tasks;
    private long bytes;
    private @Nullable Runnable whenIdle;

    private final AtomicReference<@Nullable Position> watermarkSeen = new AtomicReference<>();
    private final AtomicInteger tasksSeen = new AtomicInteger();
    private final AtomicLong oldestSeen = new AtomicLong();

    Pipeline(
            ChangeSource source,
            Router router,
            Confirmer confirmer,
            Loop loop,
            Bounds bounds,
            Observer observer) {
        this.source = source;
        this.router = router;
        this.confirmer = confirmer;
        this.loop = loop;
        this.bounds = bounds;
        this.observer = observer;
    }

    void start() {
        source.changes(router).subscribe().withSubscriber(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        loop.execute(() -> {
            subscription = s;
            s.request(1);
        });
    }

    @Override
    public void onItem(ChangeBatch batch) {
        for (ChangeEvent event : batch.events()) {
            take(event);
        }
        advance(false);
        publish();
        if (isFull()) {
            starved = true;
        } else {
            demand();
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        loop.execute(() -> observer.failed(failure));
    }

    @Override
    public void onCompletion() {
        // the source was closed by us
    }

    private void take(ChangeEvent event) {
        switch (event) {
            case RowChange change -> route(change);
            case ChangeEvent.Begin begin ->
                    open = watermark.begin(begin.transaction(), System.nanoTime());
            case ChangeEvent.Commit commit -> {
                watermark.commit(opened(), commit.end());
                open = null;
            }
            case ChangeEvent.Message message -> message(message);
            case ChangeEvent.Progress progress -> {
                watermark.mark(progress.position());
                advance(progress.hurry());
            }
            case ChangeEvent.Resumed resumed -> resumed();
        }
    }

    private void resumed() {
        if (open != null) {
            watermark.abandon(open);
            open = null;
        }
        observer.resumed(!begun);
        begun = true;
    }

    private void message(ChangeEvent.Message message) {
        if (message.transaction() == null) {
            watermark.mark(message.position());
        }
    }

    private void route(RowChange change) {
        Router.Route route = router.route(change.relation());
        route.count(change.operation());
        for (RuleRunner runner : route.runners(change.operation())) {
            Task task = runner.accept(change, opened(), weight(change));
            tasks++;
            bytes += task.weight;
            runner.submit(task);
        }
    }

    private Watermark.Unit opened() {
        return Objects.requireNonNull(open, "a change or commit came outside of a transaction");
    }

    private static int weight(RowChange change) {
        return weight(change.before()) + weight(change.after()) + 128;
    }

    private static int weight(@Nullable Row row) {
        return row == null ? 0 : row.weight();
    }

    @Override
    public void done(RuleRunner runner, Task task, HandlerResult result, long sinceCommitNanos) {
        tasks--;
        bytes -= task.weight;
        watermark.done(task.unit);
        advance(false);
        publish();
        if (!result.isEmpty()) {
            observer.handled(
                    new HandledChange(
                            runner.rule().name(),
                            task.change,
                            result,
                            Duration.ofNanos(sinceCommitNanos)));
        }
        if (starved && tasks <= bounds.tasks() / 2 && bytes <= bounds.bytes() / 2) {
            starved = false;
            demand();
        }
        if (tasks == 0 && whenIdle != null) {
            whenIdle.run();
        }
    }

    private void advance(boolean hurry) {
        boolean byWork = watermark.headIsTransaction();
        if (watermark.advance()) {
            confirmer.moved(Objects.requireNonNull(watermark.low()), byWork);
        }
        if (hurry) {
            confirmer.hurry();
        }
    }

    private boolean isFull() {
        return tasks >= bounds.tasks() || bytes >= bounds.bytes();
    }

    private void demand() {
        if (subscription != null && !draining) {
            subscription.request(1);
        }
    }

    private void publish() {
        watermarkSeen.setRelease(watermark.low());
        tasksSeen.setRelease(tasks);
        oldestSeen.setRelease(watermark.oldestSince());
    }

    /** May be called from any thread; the figures are those of a moment ago. */
    PipelineStatus status() {
        long oldest = oldestSeen.getAcquire();
        Duration waiting =
                oldest == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest);
        return new PipelineStatus(
                source.status(), watermarkSeen.getAcquire(), tasksSeen.getAcquire(), waiting);
    }

    /**
     * Takes in nothing more, waits until what was taken in is done or the time is up, confirms, and
     * closes the source. May be called from any thread. Never fails.
     */
    Uni<Void> drain(Duration atMost) {
        Uni<Void> idle =
                Uni.createFrom()
                        .emitter(emitter ->
                                loop.execute(() -> {
                                    draining = true;
                                    whenIdle = () -> emitter.complete(null);
                                    loop.schedule(atMost, () -> emitter.complete(null));
                                    if (tasks == 0) {
                                        emitter.complete(null);
                                    }
                                }));
        return idle.emitOn(loop::execute).chain(confirmer::flush).chain(source::close);
    }
}
