package dev.walmonitor.admin.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.Schema;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Schema.State READY = new Schema.State.Ready();

    @Test
    void turningEventLoopsAreAlive() {
        HealthCheckResponse response =
                call(new EventLoops(List.of(Runnable::run, Runnable::run), Duration.ofMinutes(1)));

        assertThat(response.getStatus()).isEqualTo(Status.UP);
        assertThat(response.getData()).contains(Map.of("turning", 2L, "of", 2L));
    }

    @Test
    void oneEventLoopThatHangsIsNotAlive() {
        List<Runnable> waiting = new ArrayList<>();
        Executor hanging = waiting::add;
        HealthCheckResponse response = call(new EventLoops(List.of(Runnable::run, hanging), SOON));

        assertThat(response.getStatus()).isEqualTo(Status.DOWN);
        assertThat(response.getData()).contains(Map.of("turning", 1L, "of", 2L));
    }

    @Test
    void redisThatAnswersIsReady() {
        assertThat(call(new RedisReadiness(Uni.createFrom().item("PONG"), SOON)).getStatus())
                .isEqualTo(Status.UP);
    }

    @Test
    void redisThatFailsOrHangsIsNotReady() {
        List<Uni<?>> pings =
                List.of(
                        Uni.createFrom().failure(new IllegalStateException("Connection refused")),
                        Uni.createFrom().nothing());
        for (Uni<?> ping : pings) {
            HealthCheckResponse response = call(new RedisReadiness(ping, SOON));

            assertThat(response.getStatus()).isEqualTo(Status.DOWN);
            assertThat(message(response))
                    .isEqualTo(
                            "Redis does not answer: check REDIS_URL, and whether the server is up.");
        }
    }

    @Test
    void onePingServesAllWhoAskWithinASecond() {
        AtomicInteger pings = new AtomicInteger();
        RedisReadiness check =
                new RedisReadiness(Uni.createFrom().item(pings::incrementAndGet), SOON);

        for (int i = 0; i < 100; i++) {
            assertThat(call(check).getStatus()).isEqualTo(Status.UP);
        }

        assertThat(pings).hasValueLessThan(100);
    }

    @Test
    void aDatabaseIsReadyWhenTheTablesAnswer() {
        Uni<Void> answers = Uni.createFrom().voidItem();
        Uni<Void> fails = Uni.createFrom().failure(new IllegalStateException("It is away."));

        assertThat(call(new DatabaseReadiness(() -> READY, answers)).getStatus())
                .isEqualTo(Status.UP);
        assertThat(message(call(new DatabaseReadiness(() -> READY, fails))))
                .isEqualTo("It is away.");
        assertThat(
                        message(
                                call(
                                        new DatabaseReadiness(
                                                () -> new Schema.State.Pending(null), answers))))
                .isEqualTo("Our tables are not there yet.");
        assertThat(
                        message(
                                call(
                                        new DatabaseReadiness(
                                                () -> new Schema.State.Pending("It is away."),
                                                answers))))
                .isEqualTo("It is away.");
        assertThat(
                        message(
                                call(
                                        new DatabaseReadiness(
                                                () -> new Schema.State.Impossible("No right."),
                                                answers))))
                .isEqualTo("No right.");
    }

    private static HealthCheckResponse call(AsyncHealthCheck check) {
        return check.call().await().atMost(Duration.ofSeconds(20));
    }

    private static @Nullable Object message(HealthCheckResponse response) {
        assertThat(response.getStatus()).isEqualTo(Status.DOWN);
        return response.getData().orElseThrow().get("message");
    }
}
