package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.source.ChangeSource;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries the watermark back to the source: first it is stored, then the source is told. Rarely, as
 * both cost a write. Owned by the pipeline's loop.
 *
 * <p>Progress that is only keepalives is carried less often still: storing it writes to the log,
 * which is progress again.
 */
final class Confirmer {
    private static final Logger LOG = Logger.getLogger(Confirmer.class);

    /** How often at most: {@code work} after transactions, {@code idle} after keepalives alone. */
    record Pace(Duration work, Duration idle, Duration afterFailure) {
        static final Pace DEFAULT =
                new Pace(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(1));
    }

    private final ChangeSource source;
    private final WatermarkStore store;
    private final Loop loop;
    private final Pace pace;
    private @Nullable Position wanted;
    private @Nullable Position confirmed;
    private boolean storing;
    private boolean failing;
    private long timer;
    private boolean timerSet;
    private boolean timerIsIdle;

    Confirmer(ChangeSource source, WatermarkStore store, Loop loop, Pace pace) {
        this.source = source;
        this.store = store;
        this.loop = loop;
        this.pace = pace;
    }

    /** The watermark has moved: by finished work, or by keepalives alone. */
    void moved(Position low, boolean byWork) {
        wanted = low;
        if (!timerSet || (byWork && timerIsIdle)) {
            setTimer(byWork ? pace.work() : pace.idle(), !byWork);
        }
    }

    /** Confirms at once what there is to confirm. */
    void hurry() {
        timerSet = false;
        timer++;
        confirm();
    }

    /**
     * Confirms what there is to confirm; completes when the source was told, or the store has
     * failed.
     */
    Uni<Void> flush() {
        Position position = wanted;
        if (position == null || position.equals(confirmed)) {
            return Uni.createFrom().voidItem();
        }
        return store.store(source.name(), position)
                .invoke(() -> tell(position))
                .onFailure()
                .recoverWithNull();
    }

    private void setTimer(Duration delay, boolean idle) {
        timerSet = true;
        timerIsIdle = idle;
        long mine = ++timer;
        loop.schedule(
                delay,
                () -> {
                    if (timerSet && timer == mine) {
                        timerSet = false;
                        confirm();
                    }
                });
    }

    private void confirm() {
        Position position = wanted;
        if (storing || position == null || position.equals(confirmed)) {
            return;
        }
        storing = true;
        store.store(source.name(), position)
                .subscribe()
                .with(
                        ok -> loop.execute(() -> stored(position)),
                        failure -> loop.execute(() -> failed(failure)));
    }

    private void stored(Position position) {
        storing = false;
        if (failing) {
            failing = false;
            LOG.infof(
                    "Source %s: the watermark can be stored again; confirming goes on.",
                    source.name());
        }
        tell(position);
        if (!position.equals(wanted) && !timerSet) {
            setTimer(pace.work(), false);
        }
    }

    private void tell(Position position) {
        confirmed = position;
        source.confirm(position);
    }

    private void failed(Throwable failure) {
        storing = false;
        if (!failing) {
            failing = true;
            LOG.warnf(
                    "Source %s: the watermark cannot be stored (%s). Changes go on being handled; nothing is confirmed"
                            + " until it can.",
                    source.name(), failure.getMessage());
        }
        if (!timerSet) {
            setTimer(pace.afterFailure(), false);
        }
    }
}
