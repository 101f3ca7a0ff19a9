package dev.walmonitor.checker;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.pipeline.WatermarkStore;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the watermark over the deaths of processes. A store may be slow, may fail, and may fail
 * after it was done; what is under way when the process dies arrives or does not. Guarded by the
 * journal's monitor.
 */
final class DurableStore {
    private final Journal journal;
    private final Weather weather;
    private final ScheduledExecutorService elsewhere;
    private final Random random;
    private @Nullable Checkpoint durable;
    private @Nullable Checkpoint underWay;

    DurableStore(
            Journal journal, Weather weather, ScheduledExecutorService elsewhere, Random random) {
        this.journal = journal;
        this.weather = weather;
        this.elsewhere = elsewhere;
        this.random = random;
    }

    /** The store as one process sees it. */
    WatermarkStore of(int life) {
        return new WatermarkStore() {
            @Override
            public Uni<Optional<Checkpoint>> load(String source) {
                return Uni.createFrom().item(DurableStore.this::durable);
            }

            @Override
            public Uni<Void> begin(
                    String source,
                    Checkpoint checkpoint,
                    @Nullable Gap gap,
                    Map<String, Remedy> rules) {
                return store(source, checkpoint);
            }

            @Override
            public Uni<Void> store(String source, Checkpoint checkpoint) {
                return Uni.createFrom()
                        .emitter(emitter -> DurableStore.this.store(life, checkpoint, emitter));
            }
        };
    }

    private Optional<Checkpoint> durable() {
        synchronized (journal) {
            return Optional.ofNullable(durable);
        }
    }

    private static Lsn lsn(Checkpoint checkpoint) {
        return switch (checkpoint.watermark()) {
            case Lsn lsn -> lsn;
        };
    }

    private void store(int life, Checkpoint checkpoint, UniEmitter<? super Void> emitter) {
        synchronized (journal) {
            if (!journal.add(life, new Journal.Entry.Storing(lsn(checkpoint)))) {
                return;
            }
            if (random.nextInt(100) < weather.notStored) {
                emitter.fail(new IllegalStateException("not stored"));
                return;
            }
            underWay = checkpoint;
            int most = weather.slowStore;
            int delay = most == 0 ? 0 : random.nextInt(most);
            var _ =
                    elsewhere.schedule(
                            () -> arrive(life, checkpoint, emitter), delay, TimeUnit.MILLISECONDS);
        }
    }

    private void arrive(int life, Checkpoint checkpoint, UniEmitter<? super Void> emitter) {
        boolean told;
        synchronized (journal) {
            if (!journal.add(life, new Journal.Entry.Stored(lsn(checkpoint)))) {
                return;
            }
            underWay = null;
            durable = checkpoint;
            told = random.nextInt(100) >= weather.notStored;
        }
        if (told) {
            emitter.complete(null);
        } else {
            emitter.fail(new IllegalStateException("stored, and the answer was lost"));
        }
    }

    /** The process is about to die. */
    void die(int life) {
        synchronized (journal) {
            Checkpoint checkpoint = underWay;
            if (checkpoint != null
                    && random.nextBoolean()
                    && journal.add(life, new Journal.Entry.Stored(lsn(checkpoint)))) {
                durable = checkpoint;
            }
            underWay = null;
        }
    }
}
