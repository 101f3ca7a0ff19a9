package dev.walmonitor.pipeline;

import dev.walmonitor.pipeline.ParkingStore.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The way of one source's rules to what they have parked. Changes are stored in the order in which
 * they are given, one batch after the other, so that of two of one key the later is never stored
 * alone. While the store is away they wait here, still count as being on their way, and hold up the
 * intake in the end. Owned by the pipeline's loop.
 */
final class ParkingLot {
    private static final Logger LOG = Logger.getLogger(ParkingLot.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final int ROWS = 1_000;
    private static final long BYTES = 4L << 20;

    private record Waiting(ParkedChange change, Runnable stored) {}

    private final String source;
    private final ParkingStore store;
    private final Loop loop;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private Map<String, Standing> standings = Map.of();
    private boolean storing;
    private @Nullable Runnable loading;
    private boolean failing;

    ParkingLot(String source, ParkingStore store, Loop loop) {
        this.source = source;
        this.store = store;
        this.loop = loop;
    }

    ParkingStore store() {
        return store;
    }

    /**
     * Learns what is parked, and tries until it can. Nothing is stored meanwhile: what is found and
     * {@link #waiting} are all there is.
     */
    void load(Runnable then) {
        loading =
                () -> {
                    loading = null;
                    then.run();
                    storeNext();
                };
        if (!storing) {
            load(1);
        }
    }

    private void load(int attempt) {
        Uni.createFrom()
                .deferred(() -> store.load(source))
                .subscribe()
                .with(
                        found ->
                                loop.execute(() -> {
                                    standings = found;
                                    Objects.requireNonNull(loading).run();
                                }),
                        failure ->
                                loop.execute(() -> {
                                    tellUnread(failure, attempt);
                                    loop.schedule(AGAIN, () -> load(attempt + 1));
                                }));
    }

    private void tellUnread(Throwable failure, int attempt) {
        if (attempt == 1) {
            LOG.warnf(
                    "Source %s: what its rules have parked cannot be read (%s). Nothing is handled until it can.",
                    source, RuleRunner.describe(failure));
        }
    }

    /** Whether the store does not answer at the moment. */
    boolean isAway() {
        return failing;
    }

    /** What was found of a rule when it was last looked. */
    Standing standing(String rule) {
        return standings.getOrDefault(rule, Standing.NOTHING);
    }

    /** What is on its way to the store for a rule. */
    List<ParkedChange> waiting(String rule) {
        return waiting.stream()
                .map(Waiting::change)
                .filter(change -> change.rule().equals(rule))
                .toList();
    }

    /** Tells of changes that wait for rules which are no more. */
    void tellOrphans(List<String> rules) {
        standings.forEach((rule, standing) -> {
            if (!rules.contains(rule) && standing.parked() + standing.dead() > 0) {
                LOG.warnf(
                        "Source %s: there is no rule %s any more; %d changes wait for it and %d were given up."
                                + " They stay until they are discarded.",
                        source, rule, standing.parked(), standing.dead());
            }
        });
    }

    /**
     * Stores a change, soon.
     *
     * @param stored what to do when it is durable
     */
    void park(ParkedChange change, Runnable stored) {
        waiting.add(new Waiting(change, stored));
        storeNext();
    }

    private void storeNext() {
        if (storing || loading != null || waiting.isEmpty()) {
            return;
        }
        storing = true;
        List<Waiting> batch = new ArrayList<>();
        long bytes = 0;
        for (Waiting next = waiting.peek();
                next != null && batch.size() < ROWS && (bytes == 0 || bytes < BYTES);
                next = waiting.peek()) {
            bytes += next.change().weight();
            batch.add(waiting.remove());
        }
        store(batch);
    }

    private void store(List<Waiting> batch) {
        Uni.createFrom()
                .deferred(() -> store.park(source, batch.stream().map(Waiting::change).toList()))
                .subscribe()
                .with(
                        ok -> loop.execute(() -> stored(batch)),
                        failure -> loop.execute(() -> unstored(batch, failure)));
    }

    private void stored(List<Waiting> batch) {
        storing = false;
        if (failing) {
            failing = false;
            LOG.infof("Source %s: changes can be parked again.", source);
        }
        batch.forEach(each -> each.stored().run());
        if (loading == null) {
            storeNext();
        } else {
            load(1);
        }
    }

    private void unstored(List<Waiting> batch, Throwable failure) {
        if (!failing) {
            failing = true;
            LOG.warnf(
                    "Source %s: changes cannot be parked (%s). They wait in memory, and the intake stops when that is full.",
                    source, RuleRunner.describe(failure));
        }
        loop.schedule(AGAIN, () -> store(batch));
    }
}
