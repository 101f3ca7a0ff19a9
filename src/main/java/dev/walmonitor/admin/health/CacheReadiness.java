package dev.walmonitor.admin.health;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.handler.Caches.CacheView;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * A source's caches are ready unless Redis has lost data and they are being filled again. A first
 * fill is told, and holds nothing up.
 */
record CacheReadiness(String source, Caches caches) implements HealthCheck {

    @Override
    public HealthCheckResponse call() {
        Optional<String> trouble = caches.trouble(source);
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("caches-" + source).status(trouble.isEmpty());
        trouble.ifPresent(why -> response.withData("message", why));
        List<CacheView> filling =
                caches.all().stream()
                        .filter(cache -> cache.source().equals(source))
                        .filter(cache -> cache.state().equals("filling") || cache.failure() != null)
                        .limit(10)
                        .toList();
        for (CacheView cache : filling) {
            String failure = cache.failure();
            response.withData(
                    cache.rule(),
                    failure == null ? "filling: " + cache.done() + " keys so far" : failure);
        }
        return response.build();
    }
}
