package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class VertxRedisStoreTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Test
    void aValueIsSetAndRead() {
        try (TestRedis redis = TestRedis.of(SharedServers.redis())) {
            RedisStore store = redis.store(TIMEOUT);
            get(store.set("store:a", "one \r\n \u0000 \ud83d\ude42", null));

            assertThat(read(store, "store:a")).isEqualTo("one \r\n \u0000 \ud83d\ude42");
            assertThat(redis.ask(Command.PTTL, "store:a")).isEqualTo("-1");
            get(store.delete("store:a"));
            assertThat(read(store, "store:a")).isNull();
        }
    }

    @Test
    void aValueWithATtlIsForgotten() {
        try (TestRedis redis = TestRedis.of(SharedServers.redis())) {
            RedisStore store = redis.store(TIMEOUT);
            get(store.set("store:ttl", "x", Duration.ofHours(24)));
            assertThat(Long.parseLong(String.valueOf(redis.ask(Command.PTTL, "store:ttl"))))
                    .isBetween(86_000_000L, 86_400_000L);

            get(store.set("store:ttl", "x", Duration.ofMillis(20)));
            await().until(() -> read(store, "store:ttl") == null);
        }
    }

    @Test
    void commandsAreCarriedOutInTheirOrder() {
        try (TestRedis redis = TestRedis.of(SharedServers.redis())) {
            RedisStore store = redis.store(TIMEOUT);
            List<Uni<Void>> writes = new ArrayList<>();
            for (int i = 0; i <= 1000; i++) {
                writes.add(store.set("store:order", String.valueOf(i), null));
            }
            assertThat(get(Uni.join().all(writes).andFailFast())).hasSize(1001);

            assertThat(read(store, "store:order")).isEqualTo("1000");
        }
    }

    @Test
    void f67_aRedisThatWasKilledIsUsedAgainWhenItIsBack() {
        RedisServer server = RedisServer.started();
        try (TestRedis redis = TestRedis.of(server)) {
            RedisStore store = redis.store(TIMEOUT);
            get(store.set("k", "before", null));
            server.kill9();
            await().untilAsserted(() ->
                    assertFails(store.get("k"), "Redis at test:6379 cannot be reached", true));
            server.restart();

            get(store.set("k", "after", null));
            assertThat(read(store, "k")).isEqualTo("after");
        } finally {
            server.shutdown();
        }
    }

    @Test
    void f67_aFrozenRedisFailsInTimeAndThenCarriesOutEverythingInOrder() {
        RedisServer server = RedisServer.started();
        try (TestRedis redis = TestRedis.of(server)) {
            RedisStore store = redis.store(Duration.ofMillis(200));
            get(store.set("k", "before", null));
            server.freeze();
            assertFails(
                    store.set("k", "first", null),
                    "Redis at test:6379 did not answer within 200 ms",
                    true);
            assertFails(
                    store.set("k", "second", null),
                    "Redis at test:6379 did not answer within 200 ms",
                    true);
            server.thaw();

            await().untilAsserted(() -> assertThat(read(store, "k")).isEqualTo("second"));
        } finally {
            server.shutdown();
        }
    }

    @Test
    void f67_whatRedisRefusesSaysWhatMendsIt() {
        RedisServer server = RedisServer.started();
        try (TestRedis redis = TestRedis.of(server)) {
            RedisStore store = redis.store(TIMEOUT);
            get(store.set("k", "v", null));

            redis.tell(Command.CONFIG, "SET", "maxmemory", "1");
            assertFails(
                    store.set("k", "v", null),
                    "Redis at test:6379 is out of memory and takes no more; raise its maxmemory or"
                            + " give it an eviction policy",
                    true);
            redis.tell(Command.CONFIG, "SET", "maxmemory", "0");
            get(store.set("k", "v", null));

            redis.tell(Command.REPLICAOF, "127.0.0.1", "1");
            assertFails(
                    store.set("k", "v", null),
                    "Redis at test:6379 is a read-only replica; REDIS_URL has to name the primary",
                    true);
            redis.tell(Command.REPLICAOF, "NO", "ONE");
            get(store.set("k", "v", null));

            get(store.set("list", "v", null));
            redis.tell(Command.DEL, "list");
            redis.tell(Command.LPUSH, "list", "secret");
            assertFails(
                    store.get("list"), "Redis at test:6379 refused a command (WRONGTYPE)", false);
        } finally {
            server.shutdown();
        }
    }

    @Test
    void f67_aRedisThatAsksForAPasswordIsNotRetryable() {
        RedisServer server = RedisServer.started();
        try (TestRedis redis = TestRedis.of(server)) {
            assertThat(server.ask("CONFIG", "SET", "requirepass", "hidden")).isEqualTo("OK");
            assertFails(
                    redis.store(TIMEOUT).get("k"),
                    "Redis at test:6379 refuses the password, or asks for one; put it in REDIS_URL",
                    false);
        } finally {
            server.shutdown();
        }
    }

    @Test
    void withoutAConfiguredRedisTheFirstUseSaysSo() {
        RedisStore store =
                new VertxRedisStore(
                        new RedisLine(
                                () -> {
                                    throw new SinkException("No Redis is configured", false);
                                },
                                "?",
                                TIMEOUT));
        assertFails(store.get("k"), "No Redis is configured", false);
        assertFails(store.get("k"), "No Redis is configured", false);
    }

    private static @Nullable String read(RedisStore store, String key) {
        return store.get(key).await().atMost(Duration.ofSeconds(20));
    }

    private static void assertFails(Uni<?> work, String message, boolean retryable) {
        assertThatThrownBy(() -> get(work))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isEqualTo(retryable))
                .hasMessage(message);
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
