package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.handler.Caches;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The caches of this process, each from when its rule begins. Thread-safe. */
@Singleton
final class RunningCaches implements Caches {
    private final CacheStore redis;
    private final Duration checkInterval;
    private final Predicate<String> active;
    private final Map<String, KeptCache> caches = new ConcurrentSkipListMap<>();
    private final Map<String, Guard> guards = new ConcurrentHashMap<>();
    private final Map<String, Double> divergences = new ConcurrentHashMap<>();

    @Inject
    RunningCaches(CacheStore redis, CacheConfig config, Instance<Progress> progress) {
        this(redis, config.checkInterval(), source -> progress.get().follows(source));
    }

    /**
     * @param active whether this instance has a source's stream
     */
    RunningCaches(CacheStore redis, Duration checkInterval, Predicate<String> active) {
        this.redis = redis;
        this.active = active;
        this.checkInterval = checkInterval;
        redis.whenConnected(() -> guards.values().forEach(Guard::doubt));
    }

    /** A rule begins. */
    void add(KeptCache cache, Loop loop) {
        caches.put(cache.rule().name(), cache);
        guards.computeIfAbsent(
                        cache.rule().source(),
                        name ->
                                new Guard(
                                        name, redis, loop, checkInterval, () -> active.test(name)))
                .add(cache);
    }

    /** A source follows this log from now on. */
    void followed(String source, LogIdentity log) {
        Guard guard = guards.get(source);
        if (guard != null) {
            guard.follow(log);
        }
    }

    /** Those that keep values now, and whose source is followed by this instance. */
    List<KeptCache> followed() {
        return caches.values().stream()
                .filter(cache -> !(cache.spec().form() instanceof CacheSpec.Form.Nothing))
                .filter(cache -> !cache.invalidatesOnly())
                .filter(cache -> active.test(cache.rule().source()))
                .toList();
    }

    /** Whether Redis may have lost something that is later than what a change would write. */
    boolean unsure(String source) {
        Guard guard = guards.get(source);
        return guard != null && guard.unsure();
    }

    void diverged(String rule, double ratio) {
        divergences.put(rule, ratio);
    }

    double divergence(String rule) {
        return divergences.getOrDefault(rule, Double.NaN);
    }

    @Override
    public List<CacheView> all() {
        return caches.values().stream().map(this::view).toList();
    }

    private CacheView view(KeptCache cache) {
        Fills.Progress progress = cache.fills().progress();
        Reason running = progress.running();
        return new CacheView(
                cache.rule().name(),
                cache.rule().source(),
                switch (cache.spec().form()) {
                    case CacheSpec.Form.Answer a -> "query";
                    case CacheSpec.Form.TheRow r -> "row";
                    case CacheSpec.Form.Nothing n -> "evict";
                },
                cache.spec().keys().stream().map(Template::toString).toList(),
                state(cache),
                running == null ? null : running.word(),
                progress.done(),
                progress.failure(),
                progress.filledAt(),
                progress.took(),
                divergence(cache.rule().name()));
    }

    private static String state(KeptCache cache) {
        Fills.Progress progress = cache.fills().progress();
        if (progress.running() != null) {
            return "filling";
        }
        if (cache.invalidatesOnly()) {
            return "invalidating";
        }
        return progress.filledAt() == null ? "waiting" : "filled";
    }

    @Override
    public void invalidateOnly(String source, Set<String> rules) {
        Guard guard = guards.get(source);
        if (guard != null) {
            guard.invalidateOnly(
                    caches.values().stream()
                            .filter(cache -> cache.rule().source().equals(source))
                            .filter(cache -> rules.contains(cache.rule().name()))
                            .toList());
        }
    }

    @Override
    public Uni<Long> count(String rule) {
        return find(rule).chain(cache -> redis.count(rule));
    }

    @Override
    public Uni<Void> rebuild(String rule) {
        return find(rule)
                .invoke(cache -> {
                    var _ = cache.fills().request(Reason.OPERATOR).subscribe().with(count -> {});
                })
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> evict(String rule, String key) {
        return withKey(rule, key).chain(cache -> redis.evict(key));
    }

    @Override
    public Uni<Integer> evictTag(String tag) {
        return redis.evictTag(tag);
    }

    @Override
    public Uni<Void> refresh(String rule, String key) {
        return withKey(rule, key)
                .chain(cache -> cache.refresh(key, Reason.OPERATOR))
                .replaceWithVoid();
    }

    @Override
    public Uni<Lease> lease(String rule, String key, Duration atMost) {
        return withKey(rule, key)
                .chain(cache -> redis.lease(key, atMost))
                .map(lease -> new Lease(lease.value(), lease.token()));
    }

    @Override
    public Uni<Boolean> fill(
            String rule, String key, String token, String value, @Nullable Duration ttl) {
        return withKey(rule, key).chain(cache -> redis.fill(rule, key, token, value, ttl));
    }

    private Uni<KeptCache> find(String rule) {
        KeptCache cache = caches.get(rule);
        return cache == null
                ? Uni.createFrom()
                        .failure(new UnknownException("There is no cache rule \"" + rule + "\"."))
                : Uni.createFrom().item(cache);
    }

    private Uni<KeptCache> withKey(String rule, String key) {
        return find(rule)
                .chain(cache ->
                        new KeyMaker(cache.spec().keys()).made(key).isPresent()
                                ? Uni.createFrom().item(cache)
                                : Uni.createFrom()
                                        .failure(
                                                new UnknownKeyException(
                                                        cache.rule(), cache.spec())));
    }

    @Override
    public Optional<String> trouble(String source) {
        Guard guard = guards.get(source);
        return guard == null ? Optional.empty() : guard.trouble();
    }

    @Override
    public List<String> sources() {
        return guards.keySet().stream().sorted().toList();
    }
}
