package dev.walmonitor.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WindowTest {
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);

    @AfterEach
    void end() {
        clock.shutdownNow();
    }

    @Test
    void whatComesWithinTheTimeIsTakenAndNoClockTicksAfterwards() {
        Multi<Integer> endless =
                Multi.createBy()
                        .concatenating()
                        .streams(Multi.createFrom().items(1, 2, 3), Multi.createFrom().nothing());

        List<Integer> taken =
                Window.first(endless, Duration.ofMillis(50), clock)
                        .collect()
                        .asList()
                        .await()
                        .atMost(Duration.ofSeconds(30));

        assertThat(taken).containsExactly(1, 2, 3);
        await().untilAsserted(() -> {
            assertThat(clock.getQueue()).isEmpty();
            assertThat(clock.getActiveCount()).isZero();
        });
    }
}
