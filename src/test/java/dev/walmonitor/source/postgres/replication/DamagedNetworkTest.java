package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.source.SourceState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bytes arrive as nobody sent them. */
class DamagedNetworkTest extends FaultyNetwork {

    /**
     * Bits of all the fields of Begin, Relation, Insert and Commit. A keepalive says one position
     * and nothing that it could be checked by, so none is damaged here: against that there is TLS.
     */
    @Test
    void f47_aByteThatIsWrongIsAMessageOrAnErrorAndNothingBehindItIsConfirmed() {
        proxy.streamsOnly();
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<Boolean> poisoned = new ArrayList<>();
        for (int row = 1; row <= 19; row++) {
            int offset = 12 * (row - 1) + random.nextInt(12);
            Fault flip = new Fault.Flip(offset, 1 << random.nextInt(8));
            poisoned.add(isPoisonedBy(row, flip, "seed " + seed + ", row " + row + ", " + flip));
        }
        assertThat(poisoned).contains(true, false);

        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            insert(20);
            awaitWhole(follower, 1);
            assertThat(whole(follower)).endsWith("INSERT 20a");
        }
    }

    /** The one field by which a server would be told too much is said twice. */
    @Test
    void f47_aCommitWhoseEndWasDamagedIsNotConfirmed() {
        proxy.streamsOnly();
        int commit = 51 + 70 + 50; // behind Begin, Relation and Insert
        int end = commit + 5 + 25 + 10;
        assertThat(isPoisonedBy(1, new Fault.Flip(end + 3, 1), "2^32 further")).isTrue();
    }

    /** Inserts a row that is damaged on its way; the other outcome is that it is told. */
    private boolean isPoisonedBy(int row, Fault damage, String what) {
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            outdateRelation(row);
            Lsn before = endOfLog();
            await().until(() -> !before.isAfter(confirmedFlush(name)));
            int earlier = whole(follower).size();
            proxy.set(TO_CLIENT, damage);
            insert(row);
            Lsn end = endOfLog();
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            follower.state() == SourceState.POISONED
                                    || whole(follower).size() > earlier);
            assertThat(follower.failure).as(what).isNull();
            boolean poisoned = follower.state() == SourceState.POISONED;
            Lsn confirmed = confirmedFlush(name);
            if (poisoned) {
                assertThat(confirmed).as(what).isLessThan(end);
            } else {
                assertThat(confirmed).as(what).isLessThanOrEqualTo(endOfLog());
            }
            return poisoned;
        } finally {
            proxy.pass();
        }
    }
}
