package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.RedisCluster;
import dev.walmonitor.sink.redis.CacheStore.Kept;
import dev.walmonitor.sink.redis.CacheStore.Put;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The cache on a cluster of three, one of which has a replica. */
@Tag("redis")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterCacheTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static Vertx vertx;
    private static RedisCluster cluster;
    private static Redis client;
    private static CacheStore cache;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        cluster = RedisCluster.started(1);
        RedisOptions options = new RedisOptions().setType(RedisClientType.CLUSTER);
        cluster.addresses().forEach(options::addConnectionString);
        client = Redis.newInstance(io.vertx.redis.client.Redis.createClient(vertx, options));
        cache =
                new ScriptedCacheStore(
                        new RedisLine(() -> client, "the cluster", Duration.ofSeconds(5)),
                        ScriptedCacheStore.Place.CLUSTER);
    }

    @AfterAll
    static void stop() {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        cluster.close();
    }

    private static <T> T get(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(20));
    }

    private static boolean put(String key, @Nullable String value, long position) {
        return get(
                        cache.put(
                                new CacheEntry("s", "r", key, value, null, DAY, List.of("all")),
                                new Fence.Change(1, position, 0, 7)))
                == Put.TAKEN;
    }

    @Test
    @Order(1)
    void everyKeyIsFencedInItsOwnSlotWhereverThatIs() {
        Set<String> keys = new HashSet<>();
        Set<Object> nodes = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            String key = i % 2 == 0 ? "item:" + i : "cart:{" + i + "}:items";
            keys.add(key);
            nodes.add(cluster.owner(key));
            assertThat(put(key, "new", 20)).isTrue();
            assertThat(put(key, "old", 10)).isFalse();
            assertThat(cluster.get(key)).isEqualTo("new");
        }
        assertThat(nodes).hasSize(3);
        assertThat(get(cache.keys("r").collect().asSet())).isEqualTo(keys);
        assertThat(get(cache.count("r"))).isEqualTo(60);
        assertThat(get(cache.tagged("all").collect().asSet())).isEqualTo(keys);
        assertThat(get(cache.evictTag("all"))).isEqualTo(60);
    }

    @Test
    @Order(2)
    void aLeaseEndsWithAChangeOnAClusterToo() {
        for (int i = 0; i < 10; i++) {
            String key = "lease:" + i;
            var lease = get(cache.lease(key, Duration.ofSeconds(30)));
            String token = Objects.requireNonNull(lease.token());
            assertThat(put(key, null, 5 + i)).isTrue();
            assertThat(get(cache.fill("r", key, token, "stale", null))).isFalse();
        }
    }

    @Test
    @Order(3)
    void aNodeThatWasEmptiedIsNoticedWhicheverItIs() {
        for (int i = 0; i < 3; i++) {
            get(cache.vouch("main", 1, "all"));
            assertThat(get(cache.kept("main", 1, "all"))).isEqualTo(Kept.KEPT);
            assertThat(cluster.master(i).ask("FLUSHALL")).isEqualTo("OK");
            assertThat(get(cache.kept("main", 1, "all"))).isEqualTo(Kept.MISSING);
        }
    }

    @Test
    @Order(4)
    void f67_aFailOverIsFollowedAndNoticed() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            keys.add("fail:" + i);
            assertThat(put("fail:" + i, "before", 10)).isTrue();
        }
        get(cache.vouch("main", 1, "all"));
        cluster.failOver(0);
        for (String key : keys) {
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> put(key, "after", 20));
            assertThat(put(key, "before", 10)).isFalse();
            assertThat(cluster.get(key)).isEqualTo("after");
        }
        assertThat(get(cache.kept("main", 1, "all"))).isEqualTo(Kept.RESTARTED);
    }
}
