package dev.walmonitor.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaksTest {

    @Test
    void aBufferThatNobodyReleasedIsReportedAndAnotherIsNot() {
        try (Leaks leaks = new Leaks()) {
            var _ = Leaks.buffer(new byte[10]).release();
            assertThat(leaks.reports()).isEmpty();

            forget();
            await().atMost(Duration.ofSeconds(20)).until(() -> leaks.reports().size() == 1);
            assertThat(leaks.reports().getFirst()).contains("LEAK");
        }
    }

    private static void forget() {
        var _ = Leaks.buffer(new byte[10]);
    }
}
