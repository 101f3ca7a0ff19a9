package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.handler.Hash;
import dev.walmonitor.sink.redis.CacheStore;
import dev.walmonitor.sink.redis.CacheStore.Kept;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the caches of one source are whole: fills them when Redis is new, has lost its
 * data, or holds what another log or other rules have made. Owned by its loop.
 *
 * <p>A sentinel in Redis says for which log and which rules everything was filled, and in which run
 * of the server. It is looked at again and again. While some caches only take keys away it says
 * that instead, so that whoever comes next fills everything.
 */
final class Guard {
    private static final Logger LOG = Logger.getLogger(Guard.class);
    private static final String FILLING = "filling";
    private static final String INVALIDATING = "invalidating";
    private static final int FILLS_AT_ONCE = 64;
    private static final Duration PLACE = Duration.ofSeconds(5);

    private final String source;
    private final CacheStore redis;
    private final Loop loop;
    private final Duration interval;
    private final BooleanSupplier active;
    private final List<KeptCache> caches = new ArrayList<>();
    private @Nullable LogIdentity log;
    private boolean timed;
    private boolean busy;
    private boolean first = true;

    /** The log for which nothing is missing but what was taken away since. */
    private @Nullable LogIdentity wholeFor;

    /** Who is to take keys away only, who does, and who has and must be filled again. */
    private List<KeptCache> wanted = List.of();

    private List<KeptCache> invalidating = List.of();
    private final Set<KeptCache> robbed = new LinkedHashSet<>();
    private @Nullable String fingerprint;
    private final AtomicInteger doubts = new AtomicInteger(1);
    private volatile int settled;
    private volatile @Nullable String trouble;

    /**
     * @param active whether this instance has the source's stream: another one may keep other rules
     */
    Guard(String source, CacheStore redis, Loop loop, Duration interval, BooleanSupplier active) {
        this.source = source;
        this.redis = redis;
        this.loop = loop;
        this.interval = interval;
        this.active = active;
    }

    /** One more rule; before the source is followed, or after. */
    void add(KeptCache cache) {
        loop.execute(() -> {
            caches.add(cache);
            fingerprint = null;
        });
    }

    /** The source follows this log from now on. */
    void follow(LogIdentity now) {
        loop.execute(() -> {
            boolean other = !now.equals(log);
            log = now;
            if (other) {
                check();
            }
            if (!timed) {
                timed = true;
                again();
            }
        });
    }

    /**
     * Those of its caches that only take keys away, from soon on. May be called from any thread.
     */
    void invalidateOnly(List<KeptCache> some) {
        loop.execute(() -> {
            wanted = some;
            check();
        });
    }

    /** What is wrong, in one sentence; empty if nothing is. May be called from any thread. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    private void again() {
        loop.schedule(
                interval,
                () -> {
                    check();
                    again();
                });
    }

    /**
     * There is another connection: until it has been looked, it may be to a server that has lost
     * something. May be called from any thread.
     */
    void doubt() {
        doubts.incrementAndGet();
        loop.execute(this::check);
    }

    /** Whether Redis may have lost something. May be called from any thread. */
    boolean unsure() {
        return settled != doubts.get();
    }

    private void check() {
        LogIdentity now = log;
        if (busy || now == null || caches.isEmpty()) {
            return;
        }
        if (!active.getAsBoolean()) {
            leaveOff();
            return;
        }
        busy = true;
        int doubt = doubts.get();
        if (wanted.isEmpty()) {
            invalidates(List.of());
        }
        boolean invalidate = !invalidating.isEmpty() || (!wanted.isEmpty() && now.equals(wholeFor));
        String words = invalidate ? INVALIDATING : fingerprint();
        var _ =
                redis.kept(source, now.epoch(), words)
                        .subscribe()
                        .with(
                                kept -> loop.execute(() -> judge(kept, doubt, now, words)),
                                failure -> loop.execute(() -> busy = false));
    }

    /** Whoever has the stream from now on fills what was taken away: the sentinel tells it to. */
    private void leaveOff() {
        if (wanted.isEmpty() && !invalidating.isEmpty()) {
            invalidates(List.of());
            wholeFor = null;
        }
    }

    private String fingerprint() {
        String words = fingerprint == null ? fingerprint(caches) : fingerprint;
        fingerprint = words;
        return words;
    }

    private void invalidates(List<KeptCache> some) {
        invalidating.stream()
                .filter(cache -> !some.contains(cache))
                .forEach(cache -> cache.invalidateOnly(false));
        some.forEach(cache -> cache.invalidateOnly(true));
        robbed.addAll(some);
        invalidating = some;
    }

    /** The sentinel says so before the first key is taken away. */
    private void invalidate(LogIdentity now) {
        var _ =
                redis.vouch(source, now.epoch(), INVALIDATING)
                        .subscribe()
                        .with(
                                done ->
                                        loop.execute(() -> {
                                            busy = false;
                                            check();
                                        }),
                                failure -> loop.execute(() -> busy = false));
    }

    private void judge(Kept kept, int doubt, LogIdentity now, String words) {
        boolean atStart = first;
        boolean invalidate = words.equals(INVALIDATING);
        first = false;
        switch (kept) {
            case KEPT -> {
                busy = false;
                settled = doubt;
                if (invalidate) {
                    invalidates(wanted);
                } else {
                    wholeFor = now;
                }
                if (unsure() || wanted.isEmpty() == invalidate) {
                    check();
                }
            }
            case LATER -> busy = false;
            case MISSING -> {
                if (!atStart) {
                    lost("Redis has lost its data: it was emptied, or is another server.");
                }
                fill(now, words, atStart ? null : Reason.REBUILD);
            }
            case RESTARTED -> {
                lost(
                        "Redis was started anew or another server has taken over, and may have"
                                + " lost its last writes.");
                fill(now, words, Reason.REBUILD);
            }
            case OTHER -> {
                if (invalidate) {
                    if (!invalidating.isEmpty()) { // another log, or somebody else has been here
                        wholeFor = null;
                    }
                    invalidate(now);
                } else {
                    fill(now, words, atStart ? null : Reason.WARM);
                }
            }
        }
    }

    private void lost(String why) {
        wholeFor = null;
        doubts.incrementAndGet();
        trouble = why + " Every cache of source " + source + " is being filled again.";
        LOG.warnf("Source %s: %s All caches are filled again.", source, why);
    }

    /**
     * @param reason null at the start, where a cache that has just filled itself is not filled
     *     again
     */
    private void fill(LogIdentity now, String words, @Nullable Reason reason) {
        long epoch = now.epoch();
        boolean some = reason == Reason.WARM && now.equals(wholeFor) && !robbed.isEmpty();
        List<KeptCache> all = List.copyOf(some ? robbed : caches);
        Set<KeptCache> filled = Set.copyOf(all);
        Uni<Void> work =
                redis.vouch(source, epoch, FILLING)
                        .chain(() -> fill(all, reason))
                        .chain(() -> redis.kept(source, epoch, FILLING))
                        .chain(kept ->
                                kept == Kept.KEPT
                                        ? redis.vouch(source, epoch, words)
                                        : Uni.createFrom().voidItem());
        var _ =
                work.subscribe()
                        .with(
                                done -> loop.execute(() -> filled(filled)),
                                failure -> loop.execute(() -> busy = false));
    }

    /**
     * Some at a time, or thousands would wait for a connection until their patience is over. One
     * that takes long, or fails and is tried again, holds the others up for a while only.
     */
    private Uni<Void> fill(List<KeptCache> all, @Nullable Reason reason) {
        List<CompletableFuture<Long>> begun = new ArrayList<>();
        return Multi.createFrom()
                .iterable(all)
                .onItem()
                .transformToUni(cache -> {
                    CompletableFuture<Long> fill =
                            request(cache, reason).subscribeAsCompletionStage();
                    begun.add(fill);
                    return place(fill);
                })
                .merge(FILLS_AT_ONCE)
                .collect()
                .last()
                .chain(() -> Uni.createFrom().completionStage(() -> together(begun)));
    }

    private Uni<Void> place(CompletableFuture<Long> fill) {
        return Uni.createFrom()
                .emitter(place -> {
                    var _ = fill.whenComplete((count, failure) -> place.complete(null));
                    loop.schedule(PLACE, () -> place.complete(null));
                });
    }

    private static CompletableFuture<Void> together(List<CompletableFuture<Long>> fills) {
        return CompletableFuture.allOf(fills.toArray(CompletableFuture[]::new));
    }

    private static Uni<Long> request(KeptCache cache, @Nullable Reason reason) {
        return reason == null ? cache.fills().first() : cache.fills().request(reason);
    }

    private void filled(Set<KeptCache> all) {
        busy = false;
        robbed.removeIf(cache -> all.contains(cache) && !invalidating.contains(cache));
        if (trouble != null) {
            LOG.infof("Source %s: every cache is filled again.", source);
        }
        trouble = null;
        check();
    }

    private static String fingerprint(List<KeptCache> caches) {
        return Hash.of(
                caches.stream()
                        .map(cache -> cache.rule().filter() + " " + cache.spec())
                        .sorted()
                        .toArray(String[]::new));
    }
}
