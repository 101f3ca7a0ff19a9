package dev.walmonitor.handler.cache;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.redis.RedisStore;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys of one rule. A key that is the same for every row is filled at the start, and
 * renewed before it would be forgotten; keys that are made of rows are only kept after the rows
 * change. Its refreshes are owned by the loop; the rest may be called from any thread.
 */
final class CacheHandler implements ChangeHandler {
    private static final Logger LOG = Logger.getLogger(CacheHandler.class);

    /** What is counted. */
    interface Meter {
        /** A refresh has started. */
        void refreshed(Reason reason);

        /** A refresh has failed. */
        void failed();
    }

    private final Rule rule;
    private final CacheSpec spec;
    private final Queries queries;
    private final RedisStore redis;
    private final Loop loop;
    private final RandomGenerator random;
    private final Meter meter;
    private final Map<String, KeyRefresh> refreshes = new HashMap<>();
    private final Optional<Renewal> renewal;

    CacheHandler(
            Rule rule,
            CacheSpec spec,
            Queries queries,
            RedisStore redis,
            Loop loop,
            RandomGenerator random,
            Meter meter) {
        this.rule = rule;
        this.spec = spec;
        this.queries = queries;
        this.redis = redis;
        this.loop = loop;
        this.random = random;
        this.meter = meter;
        this.renewal =
                Optional.ofNullable(spec.ttl())
                        .filter(ttl -> spec.key().isConstant())
                        .map(ttl ->
                                new Renewal(loop, ttl.multipliedBy(4).dividedBy(5), this::renew));
    }

    /** What is read and written does not depend on which change asked for it. */
    @Override
    public boolean ordered() {
        return false;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom().deferred(() -> cover(change));
    }

    @Override
    public Uni<HandlerResult> warm() {
        return spec.key().isConstant()
                ? onLoop(() -> constant().refresh(Reason.WARM))
                : Uni.createFrom().item(HandlerResult.NONE);
    }

    @Override
    public boolean canRebuild() {
        return spec.key().isConstant();
    }

    /** A value with a ttl is read anew at four fifths of it. */
    private void renew() {
        constant().refresh(Reason.TTL).subscribe().with(renewed -> {});
    }

    private KeyRefresh constant() {
        return refresh(spec.key().constant().orElseThrow(), new ArrayList<@Nullable String>());
    }

    private Uni<HandlerResult> cover(RowChange change) {
        int xid = change.transaction().xid();
        Map<String, List<@Nullable String>> keys = keys(change);
        if (keys.isEmpty()) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        return onLoop(() -> {
            List<Uni<HandlerResult>> covers = new ArrayList<>(keys.size());
            for (Map.Entry<String, List<@Nullable String>> key : keys.entrySet()) {
                covers.add(refresh(key.getKey(), key.getValue()).cover(xid));
            }
            return covers.size() == 1
                    ? covers.getFirst()
                    : Uni.join().all(covers).andFailFast().map(CacheHandler::together);
        });
    }

    /** The keys that the change touches, each with the values that its query takes. */
    private Map<String, List<@Nullable String>> keys(RowChange change) {
        Map<String, List<@Nullable String>> keys = new LinkedHashMap<>();
        for (Side side : Side.values()) {
            String key = spec.key().key(change, side);
            if (key != null) {
                keys.put(key, spec.sql().values(change, side));
            }
        }
        return keys;
    }

    private static HandlerResult together(List<HandlerResult> results) {
        return results.stream()
                .filter(result -> !result.isEmpty())
                .reduce((first, second) ->
                        first.with("also", second.fields().getOrDefault("key", "")))
                .orElse(HandlerResult.NONE);
    }

    private Uni<HandlerResult> onLoop(Supplier<Uni<HandlerResult>> work) {
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.execute(() ->
                                work.get().subscribe().with(emitter::complete, emitter::fail)));
    }

    private KeyRefresh refresh(String key, List<@Nullable String> values) {
        return refreshes.computeIfAbsent(
                key,
                k ->
                        new KeyRefresh(
                                loop,
                                (xids, always) -> work(k, values, xids, always),
                                rule.retry(),
                                random,
                                new Watch(k)));
    }

    private Uni<KeyRefresh.Outcome> work(
            String key, List<@Nullable String> values, Set<Integer> xids, boolean always) {
        return queries.snapshot(spec.query(), values, xids)
                .chain(snapshot -> {
                    HandlerResult result =
                            HandlerResult.of("refreshed")
                                    .with("key", key)
                                    .with("rows", snapshot.rows());
                    KeyRefresh.Outcome outcome = new KeyRefresh.Outcome(snapshot.unseen(), result);
                    return always || snapshot.unseen().size() < xids.size()
                            ? redis.set(key, snapshot.json(), spec.ttl()).replaceWith(outcome)
                            : Uni.createFrom().item(outcome);
                });
    }

    /** What becomes of one key's refreshes. On the loop. */
    private final class Watch implements KeyRefresh.Observer {
        private final String key;

        private Watch(String key) {
            this.key = key;
        }

        @Override
        public void started(Reason reason) {
            meter.refreshed(reason);
        }

        @Override
        public void idle(KeyRefresh refresh) {
            renewal.ifPresent(Renewal::done);
            if (!spec.key().isConstant()) {
                loop.schedule(Duration.ofSeconds(1), () -> forget(refresh));
            }
        }

        private void forget(KeyRefresh refresh) {
            if (refresh.isIdle()) {
                refreshes.remove(key, refresh);
            }
        }

        /** The template and not the key: a key may hold a row's values. */
        @Override
        public void failed(Throwable failure, int failures, int waiting, Duration delay) {
            meter.failed();
            LOG.warnf(
                    "Rule %s: key %s could not be refreshed, attempt %d: %s. %d wait; it is tried again in %d ms.",
                    rule.name(),
                    spec.key(),
                    failures,
                    failure.getMessage(),
                    waiting,
                    delay.toMillis());
        }

        @Override
        public void recovered(int failures) {
            LOG.infof(
                    "Rule %s: key %s is refreshed again, after %d attempts that failed.",
                    rule.name(), spec.key(), failures);
        }
    }
}
