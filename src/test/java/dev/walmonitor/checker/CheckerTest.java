package dev.walmonitor.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The whole service over random transactions and faults, for about half a minute. {@code
 * -Dmodel.minutes=600} goes on for so long, {@code -Dmodel.seed=42} runs that one trial alone, and
 * {@code -Dmodel.times=20} as often as that.
 */
class CheckerTest {
    private static final List<Logger> LOGS =
            Stream.of("dev.walmonitor", "io.netty", "io.vertx").map(Logger::getLogger).toList();

    @BeforeEach
    void quiet() {
        silence(true);
    }

    @AfterEach
    void loud() {
        silence(false);
    }

    /** Of a process that is killed its event loop complains too. */
    static void silence(boolean silent) {
        LOGS.forEach(log -> log.setLevel(silent ? Level.OFF : null));
    }

    /** A server for trials, and nobody else. */
    static PostgresServer server() {
        PostgresServer server =
                PostgresServer.builder()
                        .setting("max_prepared_transactions", "50")
                        .setting("logical_decoding_work_mem", "64kB")
                        .setting("deadlock_timeout", "100ms")
                        .setting("shared_buffers", "64MB")
                        .start();
        Stage.prepare(server);
        return server;
    }

    @Test
    void everyCommittedChangeIsHandledInOrderAndNothingIsConfirmedBefore() {
        Long only = Long.getLong("model.seed");
        long seed = only == null ? firstSeed() : only;
        long times = only == null ? Long.MAX_VALUE : Long.getLong("model.times", 1);
        long until = System.nanoTime() + (only == null ? time() : Duration.ofDays(1)).toNanos();
        Checker checker = new Checker();
        int done = 0;
        try (PostgresServer server = server()) {
            while (done < times && System.nanoTime() < until) {
                System.out.printf("Trial of seed %d%n", seed);
                assertThat(checker.apply(server, seed)).as("seed %d", seed).isEmpty();
                done++;
                if (only == null) {
                    seed++;
                }
            }
        }
        System.out.printf("%d trials%n", done);
    }

    /** A long run begins where none has begun; the usual one tries the same seeds each time. */
    private static long firstSeed() {
        return Long.getLong("model.minutes") == null ? 1 : System.currentTimeMillis();
    }

    private static Duration time() {
        Long minutes = Long.getLong("model.minutes");
        return minutes == null ? Duration.ofSeconds(40) : Duration.ofMinutes(minutes);
    }
}
