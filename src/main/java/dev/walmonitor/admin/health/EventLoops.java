package dev.walmonitor.admin.health;

import io.netty.util.concurrent.EventExecutor;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive means that every event loop turns, and nothing else: no database and no Redis is a reason
 * to be killed.
 */
@Liveness
@Singleton
class EventLoops implements AsyncHealthCheck {
    private final List<Executor> loops;
    private final Duration patience;

    @Inject
    EventLoops(Vertx vertx) {
        this(executors(vertx), Duration.ofSeconds(2));
    }

    EventLoops(List<Executor> loops, Duration patience) {
        this.loops = loops;
        this.patience = patience;
    }

    @SuppressWarnings("deprecation") // its successor is in a package that Vert.x calls internal
    private static List<Executor> executors(Vertx vertx) {
        List<Executor> loops = new ArrayList<>();
        for (EventExecutor loop : vertx.nettyEventLoopGroup()) {
            loops.add(loop);
        }
        return loops;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        AtomicInteger turning = new AtomicInteger();
        return Uni.join()
                .all(
                        loops.stream()
                                .map(loop -> turn(loop).invoke(turning::incrementAndGet))
                                .toList())
                .andFailFast()
                .ifNoItem()
                .after(patience)
                .fail()
                .onFailure()
                .recoverWithNull()
                .map(done -> response(turning.get()));
    }

    private static Uni<Void> turn(Executor loop) {
        return Uni.createFrom().emitter(emitter -> loop.execute(() -> emitter.complete(null)));
    }

    private HealthCheckResponse response(int turning) {
        return HealthCheckResponse.named("event-loops")
                .status(turning == loops.size())
                .withData("turning", turning)
                .withData("of", loops.size())
                .build();
    }
}
