package dev.walmonitor.admin.health;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.pipeline.Pipelines;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.health.api.HealthRegistry;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.Request;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Registers the checks that depend on the configuration: one a source, and Redis if there is one.
 */
@Singleton
class Checks {
    private final HealthRegistry readiness;
    private final HealthRegistry startup;
    private final Pipelines pipelines;
    private final InjectableInstance<Redis> redis;
    private final Caches caches;

    Checks(
            @Readiness HealthRegistry readiness,
            @Startup HealthRegistry startup,
            Pipelines pipelines,
            InjectableInstance<Redis> redis,
            Caches caches) {
        this.readiness = readiness;
        this.startup = startup;
        this.pipelines = pipelines;
        this.redis = redis;
        this.caches = caches;
    }

    void register(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        pipelines.sources().stream()
                .map(source -> new SourceReadiness(source.name(), pipelines))
                .forEach(check -> readiness.register(check.name(), check));
        if (redis.getHandle().getBean().isActive()) {
            Redis client = redis.get();
            readiness.register(
                    RedisReadiness.NAME,
                    new RedisReadiness(
                            client.send(Request.cmd(Command.PING)), Duration.ofSeconds(1)));
        }
        pipelines.sources().stream()
                .map(source -> new CacheReadiness(source.name(), caches))
                .forEach(check -> readiness.register("caches-" + check.source(), check));
        startup.register("application", () -> HealthCheckResponse.up("application"));
    }
}
