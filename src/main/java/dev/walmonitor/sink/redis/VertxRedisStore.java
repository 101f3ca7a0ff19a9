package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Request;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The store over one line. Thread-safe. */
final class VertxRedisStore implements RedisStore {
    private final RedisLine line;

    VertxRedisStore(RedisLine line) {
        this.line = line;
    }

    @Override
    public Uni<Void> set(String key, String value, @Nullable Duration ttl) {
        Request set = Request.cmd(Command.SET).arg(key).arg(value);
        return line.send(ttl == null ? set : set.arg("PX").arg(Math.max(1, ttl.toMillis())))
                .replaceWithVoid();
    }

    @Override
    public Uni<@Nullable String> get(String key) {
        return line.send(Request.cmd(Command.GET).arg(key))
                .map(response -> response == null ? null : response.toString());
    }

    @Override
    public Uni<Void> delete(String key) {
        return line.send(Request.cmd(Command.DEL).arg(key)).replaceWithVoid();
    }
}
