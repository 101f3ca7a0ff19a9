package dev.walmonitor.sink.redis;

import dev.walmonitor.sink.SinkException;
import io.vertx.mutiny.redis.client.Redis;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The Redis of {@code REDIS_URL}. Nothing is connected, and nothing fails, before it is used. */
final class ConfiguredRedis {
    private static final int DEFAULT_PORT = 6379;

    @Produces
    @Singleton
    RedisLine line(
            Instance<Redis> client,
            @ConfigProperty(name = "quarkus.redis.hosts") Optional<List<URI>> hosts,
            @ConfigProperty(name = "quarkus.redis.timeout", defaultValue = "10s")
                    Duration timeout) {
        String server = hosts.map(ConfiguredRedis::places).orElse("?");
        return new RedisLine(
                () -> {
                    if (hosts.isEmpty()) {
                        throw new SinkException(
                                "No Redis is configured; set REDIS_URL, for example to"
                                        + " redis://localhost:6379",
                                false);
                    }
                    return client.get();
                },
                server,
                timeout);
    }

    @Produces
    @Singleton
    RedisStore store(RedisLine line) {
        return new VertxRedisStore(line);
    }

    @Produces
    @Singleton
    CacheStore cache(
            RedisLine line,
            @ConfigProperty(name = "quarkus.redis.client-type", defaultValue = "standalone")
                    String type) {
        return new ScriptedCacheStore(
                line,
                type.equalsIgnoreCase("cluster")
                        ? ScriptedCacheStore.Place.CLUSTER
                        : ScriptedCacheStore.Place.ONE_SERVER);
    }

    @Produces
    @Singleton
    StreamStore streams(RedisLine line) {
        return new ScriptedStreamStore(line);
    }

    /** Hosts and ports without users and passwords. */
    private static String places(List<URI> hosts) {
        return hosts.stream()
                .map(h -> h.getHost() + ":" + (h.getPort() < 0 ? DEFAULT_PORT : h.getPort()))
                .collect(Collectors.joining(", "));
    }
}
