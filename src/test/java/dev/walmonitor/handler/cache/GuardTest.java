package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheStore;
import dev.walmonitor.sink.redis.TestRedis;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The guard over a Redis of its own; what it would fill is only counted. */
@Tag("redis")
class GuardTest {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final RedisServer server =
            RedisServer.started("--appendonly", "yes", "--appendfsync", "always");
    private final TestRedis redis = TestRedis.of(server);
    private final CacheStore store = redis.cache(Duration.ofMillis(500));
    private final Loop loop =
            new Loop.Netty(
                    ((VertxInternal) redis.vertx()).createEventLoopContext().nettyEventLoop());
    private final Queue<UniEmitter<? super Void>> open = new ConcurrentLinkedQueue<>();
    private final Queue<Reason> fills = new ConcurrentLinkedQueue<>();

    @AfterEach
    void end() {
        redis.close();
        server.shutdown();
    }

    private final Map<String, Counted> caches = new HashMap<>();
    private final AtomicReference<@Nullable Guard> active = new AtomicReference<>();

    /** Those before it have lost the stream to it. */
    private Guard guard(long epoch, String... rules) {
        Guard[] self = new Guard[1];
        Guard guard = new Guard("main", store, loop, INTERVAL, () -> self[0] == active.get());
        self[0] = guard;
        active.set(guard);
        for (String rule : rules) {
            Counted cache = new Counted(rule);
            caches.put(rule, cache);
            guard.add(cache);
        }
        guard.follow(new LogIdentity("7", 1, epoch));
        return guard;
    }

    private void awaitFill(Reason reason) {
        await().until(() -> reason.equals(fills.poll()));
    }

    private void filled() {
        await().until(() -> !open.isEmpty());
        open.remove().complete(null);
    }

    private void nothingMore() throws InterruptedException {
        Thread.sleep(5 * INTERVAL.toMillis());
        assertThat(fills).isEmpty();
    }

    @Test
    void aNewRedisIsFilledOnceAndNotAgainByTheNextProcess() throws InterruptedException {
        Guard first = guard(1, "a");
        awaitFill(Reason.WARM);
        assertThat(first.trouble()).isEmpty();
        filled();
        nothingMore();
        var _ = guard(1, "a");
        nothingMore();
    }

    @Test
    void whatAFillDidNotEndIsFilledAgainByTheNextProcess() {
        var _ = guard(1, "a");
        awaitFill(Reason.WARM);
        var _ = guard(1, "a");
        awaitFill(Reason.WARM);
    }

    @Test
    void otherRulesAndLaterLogsAreFilledAgain() throws InterruptedException {
        var _ = guard(1, "a");
        awaitFill(Reason.WARM);
        filled();
        nothingMore();
        var _ = guard(1, "b");
        awaitFill(Reason.WARM);
        filled();
        nothingMore();
        var _ = guard(2, "b");
        awaitFill(Reason.WARM);
        filled();
    }

    @Test
    void f67_aRedisThatLostItsDataIsFilledAgainAndThatIsTold() {
        Guard guard = guard(1, "a");
        awaitFill(Reason.WARM);
        filled();
        await().until(() -> guard.trouble().isEmpty());
        server.kill9();
        server.restartEmpty();
        awaitFill(Reason.REBUILD);
        assertThat(guard.trouble())
                .hasValue(
                        "Redis has lost its data: it was emptied, or is another server. Every cache of"
                                + " source main is being filled again.");
        filled();
        await().until(() -> guard.trouble().isEmpty());
    }

    @Test
    void f67_aRedisThatWasStartedAnewMayHaveLostItsLastWrites() {
        Guard guard = guard(1, "a");
        awaitFill(Reason.WARM);
        filled();
        server.kill9();
        server.restart();
        awaitFill(Reason.REBUILD);
        assertThat(guard.trouble())
                .hasValueSatisfying(why ->
                        assertThat(why)
                                .startsWith(
                                        "Redis was started anew or another server has taken over"));
        filled();
        await().until(() -> guard.trouble().isEmpty());
    }

    @Test
    void thousandsOfCachesDoNotAskTheDatabaseAtOnce() {
        String[] rules = IntStream.range(0, 200).mapToObj(i -> "r" + i).toArray(String[]::new);
        var _ = guard(1, rules);
        await().until(() -> open.size() == 64);
        filled();
        await().until(() -> fills.size() >= 65);
        assertThat(fills).hasSizeLessThan(200);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> {
                    open.forEach(one -> one.complete(null));
                    return fills.size() == 200;
                });
    }

    @Test
    void dataThatIsLostDuringAFillIsFilledOnceMore() {
        var _ = guard(1, "a");
        awaitFill(Reason.WARM);
        await().until(() -> !open.isEmpty());
        assertThat(server.ask("FLUSHALL")).isEqualTo("OK");
        filled();
        awaitFill(Reason.REBUILD);
        filled();
    }

    @Test
    void anInstanceThatWasOvertakenChangesNothing() throws InterruptedException {
        var _ = guard(2, "a");
        awaitFill(Reason.WARM);
        filled();
        nothingMore();
        var _ = guard(1, "a");
        nothingMore();
    }

    private Counted cache(String rule) {
        return Objects.requireNonNull(caches.get(rule));
    }

    private Guard whole(String... rules) throws InterruptedException {
        Guard guard = guard(1, rules);
        for (int i = 0; i < rules.length; i++) {
            awaitFill(Reason.WARM);
            filled();
        }
        nothingMore();
        return guard;
    }

    @Test
    void thoseThatOnlyTookKeysAwayAreFilledAgainAndNoOthers() throws InterruptedException {
        Guard guard = whole("a", "b");
        Counted a = cache("a");
        guard.invalidateOnly(List.of(a));
        await().until(() -> a.invalidates);
        nothingMore();
        guard.invalidateOnly(List.of());
        awaitFill(Reason.WARM);
        assertThat(a.invalidates).as("changes count again before the fill").isFalse();
        assertThat(a.fills().progress().running()).isEqualTo(Reason.WARM);
        filled();
        nothingMore();
        var _ = guard(1, "a", "b");
        nothingMore();
    }

    @Test
    void aProcessThatEndsWhileKeysAreTakenAwayLeavesThemToTheNext() throws InterruptedException {
        Guard guard = whole("a", "b");
        guard.invalidateOnly(List.of(cache("a")));
        await().until(() -> cache("a").invalidatesOnly());
        var _ = guard(1, "a", "b");
        awaitFill(Reason.WARM);
        awaitFill(Reason.WARM);
    }

    @Test
    void whoHasLostTheStreamTakesNothingAwayAndFillsNothing() throws InterruptedException {
        Guard guard = whole("a");
        KeptCache a = cache("a");
        guard.invalidateOnly(List.of(a));
        await().until(a::invalidatesOnly);
        active.set(null);
        guard.invalidateOnly(List.of());
        await().until(() -> !a.invalidatesOnly());
        nothingMore();
    }

    @Test
    void anotherLogMeanwhileIsFilledWholeInTheEnd() throws InterruptedException {
        Guard guard = whole("a", "b");
        guard.invalidateOnly(List.of(cache("a")));
        await().until(() -> cache("a").invalidatesOnly());
        guard.follow(new LogIdentity("7", 1, 2));
        nothingMore();
        assertThat(cache("a").invalidatesOnly()).isTrue();
        guard.invalidateOnly(List.of());
        awaitFill(Reason.WARM);
        awaitFill(Reason.WARM);
    }

    @Test
    void f67_aRedisThatLostItsDataMeanwhileIsFilledAndKeysAreTakenAwayAgain() {
        Guard guard = guard(1, "a");
        awaitFill(Reason.WARM);
        filled();
        guard.invalidateOnly(List.of(cache("a")));
        await().until(() -> cache("a").invalidatesOnly());
        server.kill9();
        server.restartEmpty();
        awaitFill(Reason.REBUILD);
        filled();
        await().until(() -> guard.trouble().isEmpty());
        assertThat(cache("a").invalidatesOnly()).isTrue();
        guard.invalidateOnly(List.of());
        awaitFill(Reason.WARM);
        filled();
    }

    /** A cache whose fills the test ends. */
    private final class Counted implements KeptCache {
        private final String name;
        private final Fills counted;
        private volatile boolean invalidates;

        private Counted(String name) {
            this.name = name;
            this.counted =
                    new Fills(
                            name,
                            loop,
                            InstantSource.system(),
                            (reason, count) ->
                                    Uni.createFrom()
                                            .<@Nullable Void>emitter(emitter -> {
                                                fills.add(reason);
                                                open.add(emitter);
                                            }));
        }

        @Override
        public Rule rule() {
            Filter filter =
                    new Filter(List.of(TablePattern.parse("t")), EnumSet.allOf(Operation.class));
            return new Rule(name, "cache", "main", filter, Rule.Retry.DEFAULT);
        }

        @Override
        public CacheSpec spec() {
            return new CacheSpec(
                    new CacheSpec.Form.TheRow(),
                    List.of(Template.parse(name + ":{id}")),
                    null,
                    Duration.ofHours(1),
                    List.of(),
                    true);
        }

        @Override
        public Fills fills() {
            return counted;
        }

        @Override
        public void invalidateOnly(boolean only) {
            invalidates = only;
        }

        @Override
        public boolean invalidatesOnly() {
            return invalidates;
        }

        @Override
        public void follow(LogIdentity log) {
            throw new UnsupportedOperationException("the guard is told by the test");
        }

        @Override
        public Uni<HandlerResult> refresh(String key, Reason reason) {
            throw new UnsupportedOperationException("the guard refreshes no key");
        }

        @Override
        public Uni<Comparison> compare(String key) {
            throw new UnsupportedOperationException("the guard compares no key");
        }

        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            throw new UnsupportedOperationException("the guard handles no change");
        }
    }
}
