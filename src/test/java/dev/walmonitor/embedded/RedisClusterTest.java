package dev.walmonitor.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class RedisClusterTest {
    private static final List<String> KEYS = IntStream.range(0, 30).mapToObj(i -> "k" + i).toList();

    @Test
    void spreadsKeysOverItsNodesAndSendsElsewhereWhoAsksTheWrongOne() {
        try (RedisCluster cluster = RedisCluster.started(0)) {
            fill(cluster);

            for (RedisServer node : cluster.nodes()) {
                long here = KEYS.stream().filter(k -> node.get(k).equals("of " + k)).count();
                long moved = KEYS.stream().filter(k -> node.get(k).startsWith("-MOVED ")).count();
                assertThat(here).isPositive();
                assertThat(here + moved).isEqualTo(KEYS.size());
            }
            assertThat(cluster.owner("listing:{7}"))
                    .isEqualTo(cluster.owner("wal-monitor:lsn:{7}"));
        }
    }

    @Test
    void aReplicaTakesOverAndTheOldMasterFollowsIt() {
        try (RedisCluster cluster = RedisCluster.started(1)) {
            fill(cluster);

            cluster.failOver(0);

            assertThat(KEYS).allSatisfy(k -> assertThat(cluster.get(k)).isEqualTo("of " + k));
            assertThat(cluster.master(0).ask("ROLE")).startsWith("[slave, ");

            cluster.master(0).kill9();
            cluster.master(0).restart();
            cluster.awaitOk();

            assertThat(KEYS).allSatisfy(k -> assertThat(cluster.get(k)).isEqualTo("of " + k));
        }
    }

    @Test
    void aReplicaTakesOverFromAMasterThatWasKilled() {
        try (RedisCluster cluster = RedisCluster.started(1)) {
            fill(cluster);

            await("what the replica has")
                    .atMost(Duration.ofSeconds(10))
                    .until(() ->
                            cluster.replica(0)
                                    .ask("DBSIZE")
                                    .equals(cluster.master(0).ask("DBSIZE")));
            cluster.master(0).kill9();
            cluster.awaitTakeOver(0);

            assertThat(KEYS).allSatisfy(k -> assertThat(cluster.get(k)).isEqualTo("of " + k));
        }
    }

    private static void fill(RedisCluster cluster) {
        KEYS.forEach(k -> assertThat(cluster.owner(k).ask("SET", k, "of " + k)).isEqualTo("OK"));
    }
}
