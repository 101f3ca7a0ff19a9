package dev.walmonitor.pipeline;

import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import io.smallrye.mutiny.Uni;
import java.time.Duration;

/**
 * Writes a canary into the log of a source that says it is streaming, again and again: so that what
 * is proved of it is never old, and an idle slot moves on. Owned by the pipeline's loop.
 */
final class CanaryWriter {
    private final ChangeSource source;
    private final Liveness liveness;
    private final Loop loop;
    private final Duration interval;
    private final Runnable looked;
    private final String instance;
    private long count;
    private boolean writing;
    private boolean stopped;

    /**
     * @param instance tells our own canaries from those of other instances
     * @param looked called each time after the state may have changed with the time alone
     */
    CanaryWriter(
            ChangeSource source,
            Liveness liveness,
            Loop loop,
            Duration interval,
            String instance,
            Runnable looked) {
        this.source = source;
        this.liveness = liveness;
        this.loop = loop;
        this.interval = interval;
        this.instance = instance;
        this.looked = looked;
    }

    void start() {
        liveness.watch();
        loop.schedule(interval, this::tick);
    }

    void stop() {
        stopped = true;
    }

    /** The stream has begun: it is to be proved at once. */
    void begun() {
        if (!stopped) {
            write();
        }
    }

    private void tick() {
        if (stopped) {
            return;
        }
        SourceStatus status = source.status();
        liveness.look(status.received(), loop.nanoTime());
        if (status.state() == SourceState.STREAMING) {
            write();
        }
        looked.run();
        loop.schedule(interval, this::tick);
    }

    private void write() {
        if (writing || liveness.isWaiting(loop.nanoTime())) {
            return;
        }
        writing = true;
        String token = instance + " " + ++count;
        long now = loop.nanoTime();
        liveness.announced(token, now);
        Uni.createFrom()
                .deferred(() -> source.mark(token))
                .subscribe()
                .with(
                        at ->
                                loop.execute(() -> {
                                    writing = false;
                                    liveness.written(token, at);
                                }),
                        failure ->
                                loop.execute(() -> {
                                    writing = false;
                                    liveness.cannotWrite(RuleRunner.describe(failure));
                                }));
    }
}
