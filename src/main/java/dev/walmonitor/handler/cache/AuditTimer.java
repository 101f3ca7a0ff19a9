package dev.walmonitor.handler.cache;

import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.redis.CacheStore;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Audits every cache whose source is followed here, again and again. */
@Singleton
final class AuditTimer {
    private final RunningCaches caches;
    private final Audit audit;
    private final Duration interval;
    private final Vertx vertx;

    AuditTimer(
            RunningCaches caches,
            CacheStore redis,
            Progress progress,
            CacheConfig config,
            Vertx vertx) {
        this.caches = caches;
        this.audit = new Audit(redis, progress, config.audit().keys());
        this.interval = config.audit().interval();
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        if (interval.isPositive()) {
            again();
        }
    }

    private void again() {
        vertx.setTimer(
                interval.toMillis(),
                timer -> {
                    var _ = all().subscribe().with(done -> again(), failure -> again());
                });
    }

    private Uni<Void> all() {
        return Multi.createFrom()
                .iterable(caches.followed())
                .onItem()
                .transformToUniAndConcatenate(cache ->
                        audit.look(cache)
                                .invoke(ratio -> caches.diverged(cache.rule().name(), ratio)))
                .collect()
                .last()
                .replaceWithVoid();
    }
}
