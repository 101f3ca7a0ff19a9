package dev.walmonitor.sink.redis;

import dev.walmonitor.embedded.RedisServer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.redis.client.RedisOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A client of a test's Redis, and the Vert.x that it runs on. Close it at the end. */
public record TestRedis(Vertx vertx, Redis redis, RedisServer server) implements AutoCloseable {

    public static TestRedis of(RedisServer server) {
        Vertx vertx = Vertx.vertx();
        return new TestRedis(
                vertx,
                Redis.newInstance(
                        io.vertx.redis.client.Redis.createClient(
                                vertx, new RedisOptions().setConnectionString(server.address()))),
                server);
    }

    /** The store, as the service uses it. */
    public RedisStore store(Duration timeout) {
        return new VertxRedisStore(line(timeout));
    }

    RedisLine line(Duration timeout) {
        return new RedisLine(() -> redis, "test:6379", timeout);
    }

    /** The cache, as the service uses it. */
    public CacheStore cache() {
        return cache(Duration.ofSeconds(5));
    }

    /** The cache, as the service uses it. */
    public CacheStore cache(Duration timeout) {
        return new ScriptedCacheStore(line(timeout), ScriptedCacheStore.Place.ONE_SERVER);
    }

    /** Streams, as the service uses them. */
    public StreamStore streams() {
        return new ScriptedStreamStore(line(Duration.ofSeconds(5)));
    }

    /** Sends a command of the test's own, over another connection than the store's. */
    public @Nullable String ask(Command command, String... arguments) {
        Request request = Request.cmd(command);
        for (String argument : arguments) {
            request.arg(argument);
        }
        Uni<String> answer = redis.send(request).map(String::valueOf);
        return answer.await().atMost(Duration.ofSeconds(10));
    }

    public void tell(Command command, String... arguments) {
        var _ = ask(command, arguments);
    }

    @Override
    public void close() {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
