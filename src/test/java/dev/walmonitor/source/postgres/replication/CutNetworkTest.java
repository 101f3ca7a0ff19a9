package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.source.SourceState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The stream ends anywhere, or comes in pieces of any size. */
class CutNetworkTest extends FaultyNetwork {

    /**
     * Sixteen followers of one table, each of which is cut off a byte later than the one before it.
     */
    @Test
    void f08_aStreamThatIsCutAtAnyByteGoesOnWithTheTransactionThatWasOpen() {
        List<FaultProxy> proxies = new ArrayList<>();
        List<Follower> followers = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                proxies.add(FaultProxy.to(server).streamsOnly());
                followers.add(follow(wire(proxies.get(i)), quiet(name + "_" + i)));
            }
            int rows = 0;
            long length = Long.MAX_VALUE;
            for (int first = 0; first < length; first += 16) {
                awaitAll(followers, f -> f.state() == SourceState.STREAMING);
                outdateRelation(rows + 1);
                awaitQuiet(proxies);
                long before = proxies.getLast().bytes(TO_CLIENT);
                for (int i = 0; first > 0 && i < 16; i++) {
                    proxies.get(i).set(TO_CLIENT, new Fault.CutAfter(first - 16 + i));
                }
                insert(++rows);
                int all = rows;
                awaitAll(followers, f -> whole(f).size() >= all);
                if (first == 0) {
                    awaitQuiet(proxies);
                    length = proxies.getLast().bytes(TO_CLIENT) - before + 16;
                    proxies.forEach(FaultProxy::cutAll);
                    followers.forEach(f -> await().until(() -> f.source.status().reconnects() > 0));
                }
            }
            assertThat(length).as("bytes of Begin, Relation, Insert, Commit").isBetween(200L, 600L);
            for (Follower follower : followers) {
                assertThat(whole(follower)).isEqualTo(inserts(rows));
            }
            assertThat(proxies.stream().mapToInt(FaultProxy::strikes).sum())
                    .as("times that a stream was cut")
                    .isGreaterThan(220);
        } finally {
            followers.forEach(Follower::close);
            proxies.forEach(FaultProxy::close);
        }
    }

    private static void awaitAll(List<Follower> followers, Predicate<Follower> state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(20))
                .until(() -> followers.stream().allMatch(state));
    }

    private static void awaitQuiet(List<FaultProxy> proxies) {
        AtomicReference<List<Long>> last = new AtomicReference<>(List.of());
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    List<Long> now = proxies.stream().map(p -> p.bytes(TO_CLIENT)).toList();
                    return now.equals(last.getAndSet(now));
                });
    }

    @Test
    void f09_howeverTheBytesAreCutUpTheEventsAreTheSame() {
        FaultProxy burst = FaultProxy.to(server);
        FaultProxy trickle = FaultProxy.to(server);
        burst.set(TO_CLIENT, new Fault.Coalesce(64 << 10, Duration.ofMillis(20)));
        trickle.set(TO_CLIENT, new Fault.Trickle(Duration.ofNanos(50_000)));
        try (burst;
                trickle;
                Follower plain = follow(proxy, name + "_plain");
                Follower inBursts = follow(burst, name + "_burst");
                Follower trickled = follow(trickle, name + "_trickle")) {
            plain.awaitState(SourceState.STREAMING);
            inBursts.awaitState(SourceState.STREAMING);
            trickled.awaitState(SourceState.STREAMING);
            sql(
                    "insert into t select i, repeat('x', i) from generate_series(1, 100) i",
                    "alter table t add n numeric",
                    "update t set n = id * 1.5, id = id + 1000 where id % 7 = 0");
            sql("delete from t where id % 3 = 0", "truncate t");
            insert(1);
            int expected = 100 + 14 + 34 + 1 + 1;

            for (Follower follower : List.of(plain, inBursts, trickled)) {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> transcript(follower).size() == expected + 10);
            }
            assertThat(plain.changes()).hasSize(expected);
            assertThat(transcript(inBursts)).isEqualTo(transcript(plain));
            assertThat(transcript(trickled)).isEqualTo(transcript(plain));
        }
    }

    /**
     * Everything but progress, which comes when the server has nothing else to say, and but the
     * epochs, as slots may be made in different seconds.
     */
    private static List<String> transcript(Follower follower) {
        return follower.events.stream()
                .filter(e ->
                        !(e instanceof ChangeEvent.Progress || e instanceof ChangeEvent.Resumed))
                .map(e ->
                        e instanceof RowChange change
                                ? change.id()
                                        + " "
                                        + change.operation()
                                        + " "
                                        + change.relation()
                                        + " "
                                        + (change.row() == null ? "" : change.row().values())
                                : e.toString().replaceFirst(" epoch=\\d+,", ""))
                .toList();
    }

    @Test
    void f58_aStartThatIsSlowAtEveryReplyEndsAtTheOneDeadline() {
        proxy.set(TO_CLIENT, new Fault.Delay(Duration.ofMillis(400)));
        try (Follower follower =
                follow(wire(proxy).withConnectDeadline(Duration.ofSeconds(1)), hasty(name))) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> follower.source.status().failure() != null);
            assertThat(failure(follower).sentence())
                    .isEqualTo(
                            "The connection to 127.0.0.1:"
                                    + proxy.port()
                                    + " was not ready within 1000 ms; it was still waiting for the"
                                    + " server to start the session.");

            proxy.set(TO_CLIENT, new Fault.Delay(Duration.ofMillis(50)));
            follower.awaitState(SourceState.STREAMING);
            insert(1);
            awaitWhole(follower, 1);
        }
    }

    @Test
    void f58_aStartThatIsCutAtAnyReplyIsBegunAgain() {
        long before = proxy.streamsOnly().bytes(TO_CLIENT);
        follow(proxy, name).awaitState(SourceState.STREAMING).close();
        long length = proxy.bytes(TO_CLIENT) - before;
        int cuts = 12;
        for (int i = 0; i < cuts; i++) {
            // of the two connections of a start, the first one has more than half of the bytes
            proxy.set(TO_CLIENT, new Fault.CutAfter(length * i / cuts / 2));
            try (Follower follower = follow(proxy, name)) {
                await().atMost(Duration.ofSeconds(10)).until(() -> proxy.connections() > 0);
                int strikes = i + 1;
                await().atMost(Duration.ofSeconds(10)).until(() -> proxy.strikes() == strikes);
                follower.awaitState(SourceState.STREAMING);
            }
        }
        insert(1);
        try (Follower follower = follow(proxy, name)) {
            awaitWhole(follower, 1);
        }
    }
}
