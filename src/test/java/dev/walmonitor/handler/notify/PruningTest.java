package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PruningTest {

    @Test
    void whatIsTooOldIsRemovedInStepsUntilNothingIs() {
        Instant now = Instant.parse("2026-01-31T00:00:00Z");
        FakeNotifications store = new FakeNotifications();
        store.old = 2_500;
        Pruning pruning = new Pruning(store, () -> now, Duration.ofDays(30));
        pruning.all().await().atMost(Duration.ofSeconds(20));

        assertThat(store.pruned)
                .containsExactly(
                        "1000 before 2026-01-01T00:00:00Z",
                        "1000 before 2026-01-01T00:00:00Z",
                        "500 before 2026-01-01T00:00:00Z");
    }
}
