package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.RedisConnection;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.mutiny.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store over one connection of the Redis client: a pool would carry commands out in any order.
 * Connects when it is first needed, and again when the connection is lost. Thread-safe.
 */
final class VertxRedisStore implements RedisStore {
    private final Supplier<Redis> client;
    private final String server;
    private final Duration timeout;
    private final AtomicReference<@Nullable Uni<RedisConnection>> current = new AtomicReference<>();

    /**
     * @param client asked for when it is needed; may throw if no Redis is configured
     * @param server host and port, for messages
     * @param timeout how long a command may take
     */
    VertxRedisStore(Supplier<Redis> client, String server, Duration timeout) {
        this.client = client;
        this.server = server;
        this.timeout = timeout;
    }

    @Override
    public Uni<Void> set(String key, String value, @Nullable Duration ttl) {
        Request set = Request.cmd(Command.SET).arg(key).arg(value);
        return send(ttl == null ? set : set.arg("PX").arg(Math.max(1, ttl.toMillis())))
                .replaceWithVoid();
    }

    @Override
    public Uni<@Nullable String> get(String key) {
        return send(Request.cmd(Command.GET).arg(key))
                .map(response -> response == null ? null : response.toString());
    }

    @Override
    public Uni<Void> delete(String key) {
        return send(Request.cmd(Command.DEL).arg(key)).replaceWithVoid();
    }

    private Uni<Response> send(Request request) {
        return Uni.createFrom()
                .deferred(() -> connection().chain(connection -> connection.send(request)))
                .ifNoItem()
                .after(timeout)
                .failWith(() -> RedisFailure.slow(server, timeout))
                .onFailure()
                .transform(failure -> RedisFailure.of(failure, server));
    }

    private Uni<RedisConnection> connection() {
        Uni<RedisConnection> known = current.get();
        if (known != null) {
            return known;
        }
        Uni<RedisConnection> fresh = connect();
        Uni<RedisConnection> other = current.compareAndExchange(null, fresh);
        return other == null ? fresh : other;
    }

    private Uni<RedisConnection> connect() {
        AtomicReference<@Nullable Uni<RedisConnection>> self = new AtomicReference<>();
        Runnable forget = () -> current.compareAndSet(self.get(), null);
        Uni<RedisConnection> connect =
                Uni.createFrom()
                        .deferred(() -> client.get().connect())
                        .invoke(connection -> {
                            connection.endHandler(forget);
                            connection.exceptionHandler(failure -> forget.run());
                        })
                        .onFailure()
                        .invoke(forget)
                        .memoize()
                        .indefinitely();
        self.set(connect);
        return connect;
    }
}
