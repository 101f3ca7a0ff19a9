package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.embedded.RedisCluster;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.redis.StreamStore.Entry;
import io.vertx.core.Vertx;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class StreamStoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static TestRedis redis;
    private static StreamStore streams;
    private final String stream = "changes:" + UUID.randomUUID();

    @BeforeAll
    static void connect() {
        redis = TestRedis.of(SharedServers.redis());
        streams = redis.streams();
    }

    @AfterAll
    static void disconnect() {
        redis.close();
    }

    @Test
    void anEntryHasItsFields() {
        assertThat(append("a", 10)).isTrue();

        assertThat(redis.ask(Command.XRANGE, stream, "-", "+")).contains("[id, a, change, {}]");
    }

    @Test
    void aChangeThatComesAgainIsNotAppendedAgain() {
        assertThat(append("a", 10)).isTrue();
        assertThat(append("b", 10)).isTrue();
        assertThat(append("a", 10)).isFalse();
        assertThat(append("b", 10)).isFalse();

        assertThat(length()).isEqualTo(2);
    }

    @Test
    void whatAConsumerDeletedIsStillKnown() {
        assertThat(append("a", 10)).isTrue();
        redis.tell(Command.XTRIM, stream, "MAXLEN", "0");

        assertThat(append("a", 10)).isFalse();
    }

    @Test
    void theStreamAndWhatIsRememberedAreBounded() {
        int many = StreamStore.LEAST_REMEMBERED + 500;
        for (int i = 0; i < many; i++) {
            assertThat(append("id:" + i, 200)).isTrue();
        }

        assertThat(length()).isBetween(200L, 1_200L);
        assertThat(redis.ask(Command.ZCARD, CacheKeys.seen(stream)))
                .isEqualTo(Integer.toString(StreamStore.LEAST_REMEMBERED));
        assertThat(append("id:" + 500, 200)).as("the oldest that is remembered").isFalse();
        assertThat(append("id:" + 499, 200)).as("the last that is forgotten").isTrue();
    }

    @Test
    void aKeyThatHoldsSomethingElseIsToldAndNothingIsRemembered() {
        redis.tell(Command.SET, stream, "text");

        assertThatThrownBy(() -> append("a", 10))
                .isInstanceOf(SinkException.class)
                .hasMessage("Redis at test:6379 refused a command (WRONGTYPE)");
        redis.tell(Command.DEL, stream);
        assertThat(append("a", 10)).isTrue();
    }

    @Test
    void aClusterHasAStreamAndItsRegisterInOneSlot() {
        Vertx vertx = Vertx.vertx();
        try (RedisCluster cluster = RedisCluster.started(0)) {
            RedisOptions options =
                    new RedisOptions()
                            .setType(RedisClientType.CLUSTER)
                            .addConnectionString(cluster.nodes().getFirst().address());
            Redis client =
                    Redis.newInstance(io.vertx.redis.client.Redis.createClient(vertx, options));
            StreamStore spread =
                    new ScriptedStreamStore(new RedisLine(() -> client, "cluster", LIMIT));
            for (String key : new String[] {"changes", "a:b", "{tag}:changes", "x{y}"}) {
                assertThat(append(spread, key, "a", 10)).isTrue();
                assertThat(append(spread, key, "a", 10)).isFalse();
            }
            client.close();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private boolean append(String id, long maxLength) {
        return append(streams, stream, id, maxLength);
    }

    private static boolean append(StreamStore to, String stream, String id, long maxLength) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("change", "{}");
        return to.append(new Entry(stream, maxLength, id, fields)).await().atMost(LIMIT);
    }

    private long length() {
        return Long.parseLong(String.valueOf(redis.ask(Command.XLEN, stream)));
    }
}
