package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.source.SourceState;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nothing comes any more, and nobody says why. */
class SilentNetworkTest extends FaultyNetwork {

    @Test
    void f06_aBlackHoleIsNoticedWithinTheTimeoutAndLeftWhenItIsGone() {
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            insert(1);
            awaitWhole(follower, 1);
            proxy.blackHole();
            insert(2);

            await().atMost(Duration.ofSeconds(3))
                    .until(() -> follower.state() != SourceState.STREAMING);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> follower.state() == SourceState.CONNECTING);
            assertThat(failure(follower).sentence())
                    .isEqualTo("Nothing came from the server for 2 s; the connection is given up");
            assertThat(follower.failure).isNull();

            proxy.pass();
            follower.awaitState(SourceState.STREAMING);
            insert(3);
            awaitWhole(follower, 3);
            assertThat(whole(follower)).isEqualTo(inserts(3));
        }
    }

    @Test
    void f06_whenOnlyTheWayToTheServerIsCutOffTheServerLetsGoAndNothingIsLost() {
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            insert(1);
            awaitWhole(follower, 1);
            proxy.set(TO_SERVER, Fault.HOLD);
            insert(2);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> follower.state() != SourceState.STREAMING);
            proxy.pass();
            follower.awaitState(SourceState.STREAMING);
            insert(3);
            awaitWhole(follower, 3);
            assertThat(whole(follower)).isEqualTo(inserts(3));
        }
    }

    @Test
    void f07_aWalsenderThatIsFrozenIsLeftAndWhenItGoesOnNothingIsLostAndNothingComesTwice()
            throws Exception {
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            insert(1);
            awaitWhole(follower, 1);
            String pid =
                    Objects.requireNonNull(
                            server.query(
                                    name,
                                    "select active_pid from pg_replication_slots where slot_name = '"
                                            + name
                                            + "'"));
            signal("STOP", pid);
            try {
                insert(2);
                follower.awaitState(SourceState.STANDBY);
                insert(3);
                TimeUnit.SECONDS.sleep(3);
                assertThat(follower.state()).isEqualTo(SourceState.STANDBY);
            } finally {
                signal("CONT", pid);
            }
            follower.awaitState(SourceState.STREAMING);
            insert(4);
            awaitWhole(follower, 4);
            assertThat(whole(follower)).isEqualTo(inserts(4));
        }
    }

    private static void signal(String signal, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor())
                .isZero();
    }
}
