package dev.walmonitor.admin.health;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * Ready means that Redis answers a PING in time. One answer serves everybody who asks within a
 * second.
 */
final class RedisReadiness implements AsyncHealthCheck {
    static final String NAME = "redis";

    private final Uni<HealthCheckResponse> answer;

    RedisReadiness(Uni<?> ping, Duration patience) {
        this.answer =
                ping.ifNoItem()
                        .after(patience)
                        .fail()
                        .map(pong -> HealthCheckResponse.up(NAME))
                        .onFailure()
                        .recoverWithItem(failure -> down())
                        .memoize()
                        .forFixedDuration(Duration.ofSeconds(1));
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return answer;
    }

    private static HealthCheckResponse down() {
        return HealthCheckResponse.named(NAME)
                .down()
                .withData(
                        "message",
                        "Redis does not answer: check REDIS_URL, and whether the server is up.")
                .build();
    }
}
