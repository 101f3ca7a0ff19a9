package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenewalTest {
    private final ManualLoop loop = new ManualLoop();
    private final List<Long> renewed = new ArrayList<>();
    private final long start = loop.nanos();
    private final Renewal renewal = new Renewal(loop, Duration.ofSeconds(8), this::renew);

    @Test
    void nothingIsRenewedThatWasNeverDone() {
        loop.pass(Duration.ofDays(1));

        assertThat(renewed).isEmpty();
    }

    @Test
    void itIsRenewedAgainAndAgainOnceTheTimeHasPassed() {
        renewal.done();
        loop.pass(Duration.ofSeconds(24));

        assertThat(renewed).containsExactly(8L, 16L, 24L);
    }

    @Test
    void whateverWasDoneMeanwhilePutsItOffWithOneTimerOnly() {
        renewal.done();
        for (int i = 0; i < 1000; i++) {
            loop.pass(Duration.ofMillis(10));
            renewal.done();
            assertThat(loop.timers()).isEqualTo(1);
        }
        assertThat(renewed).isEmpty();
        loop.pass(Duration.ofSeconds(8));

        assertThat(renewed).containsExactly(18L);
    }

    private void renew() {
        renewed.add(Duration.ofNanos(loop.nanos() - start).toSeconds());
        renewal.done();
    }
}
