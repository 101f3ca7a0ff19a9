package dev.walmonitor.admin.command;

import dev.walmonitor.source.Finding;
import io.quarkus.arc.InjectableInstance;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.mutiny.redis.client.Response;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Asks the Redis of the configuration. Waits for the answers. */
@Singleton
class ConfiguredRedis {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What the settings of a command call it that nobody has configured one. */
    private static final String NONE = "no Redis";

    private final InjectableInstance<Redis> redis;
    private final Config config;

    ConfiguredRedis(InjectableInstance<Redis> redis, Config config) {
        this.redis = redis;
        this.config = config;
    }

    /** What is to be said of it. Never fails. */
    List<Finding> findings() {
        @Nullable String from = config.getConfigValue("quarkus.redis.hosts").getSourceName();
        if (from == null || from.contains(NONE)) {
            return List.of(
                    Finding.fault(
                            "redis",
                            "No Redis is configured.",
                            "Set REDIS_URL to redis://:PASSWORD@HOST:6379."));
        }
        try {
            Redis client = redis.get();
            String info = text(client, Request.cmd(Command.INFO));
            Map<String, String> settings = new TreeMap<>();
            for (String name : List.of("maxmemory", "maxmemory-policy", "save")) {
                setting(client, name, settings);
            }
            return RedisHealth.of(info, settings).findings();
        } catch (RuntimeException e) {
            return List.of(
                    Finding.fault(
                            "redis",
                            "Redis does not answer: " + e.getMessage() + ".",
                            "Check REDIS_URL, and whether the server is up."));
        }
    }

    private static String text(Redis client, Request request) {
        return String.valueOf(client.send(request).await().atMost(PATIENCE));
    }

    /** Servers that others run often refuse it. */
    private static void setting(Redis client, String name, Map<String, String> into) {
        try {
            Response answer =
                    client.send(Request.cmd(Command.CONFIG).arg("GET").arg(name))
                            .await()
                            .atMost(PATIENCE);
            if (answer != null && answer.get(name) != null) {
                into.put(name, answer.get(name).toString());
            }
        } catch (RuntimeException e) {
            // what INFO tells has to do
        }
    }
}
