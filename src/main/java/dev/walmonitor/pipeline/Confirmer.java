package dev.walmonitor.pipeline;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries the watermark back to the source: first it is stored, then the source is told. Rarely, as
 * both cost a write, and never two at a time, so that neither can go back. Owned by the pipeline's
 * loop.
 *
 * <p>Progress that is only keepalives is carried less often still: storing it writes to the log,
 * which is progress again.
 */
final class Confirmer {
    private static final Logger LOG = Logger.getLogger(Confirmer.class);

    /**
     * How soon the watermark is carried after it moved: {@code work} after transactions, {@code
     * idle} after keepalives alone, {@code hurry} when the database waits for it; and how soon it
     * is tried again when it could not be stored.
     */
    record Pace(Duration hurry, Duration work, Duration idle, Duration afterFailure) {
        static final Pace DEFAULT =
                new Pace(
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1));
    }

    private final ChangeSource source;
    private final WatermarkStore store;
    private final Loop loop;
    private final Pace pace;
    private @Nullable LogIdentity log;
    private @Nullable Position wanted;
    private @Nullable Position confirmed;
    private boolean storing;
    private boolean due;
    private boolean failing;
    private @Nullable Duration timer;
    private long timers;
    private @Nullable Runnable whenClosed;
    private boolean closed;

    Confirmer(ChangeSource source, WatermarkStore store, Loop loop, Pace pace) {
        this.source = source;
        this.store = store;
        this.loop = loop;
        this.pace = pace;
    }

    /** From now on positions are of this log; what was to be confirmed of another one is not. */
    void follow(LogIdentity followed) {
        if (!followed.equals(log)) {
            log = followed;
            wanted = null;
            confirmed = null;
        }
    }

    /** The watermark has moved: by finished work, or by keepalives alone. */
    void moved(Position low, boolean byWork) {
        wanted = low;
        setTimer(byWork ? pace.work() : pace.idle());
    }

    /**
     * The database waits for what there is to confirm. A store that fails is not tried more often
     * for that.
     */
    void hurry() {
        if (!failing) {
            setTimer(pace.hurry());
        }
    }

    /**
     * Confirms what there is to confirm, after what is being stored now, and nothing more from then
     * on. Completes when the source was told, the store has failed or the time is up.
     */
    Uni<Void> close(Duration atMost) {
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.execute(() -> {
                            whenClosed = () -> emitter.complete(null);
                            loop.schedule(atMost, this::finish);
                            confirm();
                        }));
    }

    private void finish() {
        closed = true;
        if (whenClosed != null) {
            whenClosed.run();
        }
    }

    /** Of two timers, the shorter one counts. */
    private void setTimer(Duration delay) {
        if (whenClosed != null || (timer != null && timer.compareTo(delay) <= 0)) {
            return;
        }
        timer = delay;
        long mine = ++timers;
        loop.schedule(
                delay,
                () -> {
                    if (timers == mine) {
                        timer = null;
                        confirm();
                    }
                });
    }

    private void confirm() {
        if (closed) {
            return;
        }
        if (storing) {
            due = true;
            return;
        }
        due = false;
        Position position = wanted;
        if (position != null && log != null && !position.equals(confirmed)) {
            store(new Checkpoint(log, position));
        } else if (whenClosed != null) {
            finish();
        }
    }

    private void store(Checkpoint checkpoint) {
        storing = true;
        Uni.createFrom()
                .deferred(() -> store.store(source.name(), checkpoint))
                .subscribe()
                .with(
                        ok -> loop.execute(() -> stored(checkpoint)),
                        failure -> loop.execute(() -> failed(checkpoint.watermark(), failure)));
    }

    private void stored(Checkpoint checkpoint) {
        storing = false;
        if (failing) {
            failing = false;
            LOG.infof(
                    "Source %s: the watermark can be stored again; confirming goes on.",
                    source.name());
        }
        if (!closed && checkpoint.log().equals(log)) {
            confirmed = checkpoint.watermark();
            source.confirm(checkpoint.watermark());
        }
        if (due || whenClosed != null) {
            confirm();
        }
    }

    private void failed(Position position, Throwable failure) {
        storing = false;
        if (!failing) {
            failing = true;
            LOG.warnf(
                    "Source %s: the watermark cannot be stored (%s). Changes go on being handled; nothing is confirmed"
                            + " until it can.",
                    source.name(), RuleRunner.describe(failure));
        }
        if (whenClosed == null) {
            setTimer(pace.afterFailure());
        } else if (position.equals(wanted)) {
            finish();
        } else {
            confirm();
        }
    }
}
