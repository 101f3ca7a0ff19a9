package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FarewellTest {
    private static final long MILLISECOND = 1_000_000L;

    private final Farewell farewell = new Farewell();

    @Test
    void manyQuestionsAtOnePlaceWithinASecondAreAShutdownAndToldOnce() {
        for (int i = 0; i < 5; i++) {
            assertThat(farewell.asked(7, i * 100L * MILLISECOND)).isFalse();
        }
        assertThat(farewell.asked(7, 500L * MILLISECOND)).isTrue();
        assertThat(farewell.asked(7, 600L * MILLISECOND)).isFalse();
    }

    @Test
    void aServerThatMovesOnIsNotShuttingDown() {
        for (int i = 0; i < 1000; i++) {
            assertThat(farewell.asked(i / 4, i * MILLISECOND)).isFalse();
        }
    }

    @Test
    void questionsOnceInAWhileAreASignOfLife() {
        for (int i = 0; i < 1000; i++) {
            assertThat(farewell.asked(7, i * 500L * MILLISECOND)).isFalse();
        }
    }
}
