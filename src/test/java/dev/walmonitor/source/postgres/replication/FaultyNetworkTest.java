package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static dev.walmonitor.embedded.FaultProxy.Direction.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source on a real server, over a network that does what networks do. */
class FaultyNetworkTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static PostgresServer server;

    private final String name = "faulty_" + NUMBER.incrementAndGet();
    private FaultProxy proxy;
    private String url = "";

    @BeforeAll
    static void startServer() {
        server =
                PostgresServer.builder()
                        .setting("listen_addresses", "127.0.0.1,::1")
                        .setting("max_wal_senders", "40")
                        .setting("max_replication_slots", "60")
                        .start();
    }

    @AfterAll
    static void stopServer() {
        server.stopImmediately();
    }

    @BeforeEach
    void freshDatabase() {
        url = server.createDatabase(name);
        proxy = FaultProxy.to(server);
        sql("create table t (id int primary key, v text)");
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    /** Runs each statement in a transaction of its own, as the owner of the tables. */
    private void sql(String... statements) {
        SharedServers.execute(url, statements);
    }

    private void insert(int id) {
        sql("insert into t values (" + id + ", 'a')");
    }

    /** Gives a silent connection up after two seconds, as does the server. */
    private static SlotOptions hasty(String slot) {
        return new SlotOptions(slot, slot, true, Duration.ofSeconds(2), Duration.ofMillis(500));
    }

    /** Hardly says anything of itself, and so hears nothing but changes. */
    private static SlotOptions quiet(String slot) {
        return new SlotOptions(slot, slot, true, Duration.ofMinutes(2), Duration.ofMinutes(1));
    }

    private WireOptions wire(FaultProxy by) {
        return Follower.wire(DatabaseUrl.parse(by.through(url)));
    }

    private Follower follow(FaultProxy by, String slot) {
        return follow(wire(by), hasty(slot));
    }

    private static Follower follow(WireOptions wire, SlotOptions options) {
        return new Follower(wire, options, Interest.ALL, true);
    }

    private static SourceFailure failure(Follower follower) {
        return Objects.requireNonNull(follower.source.status().failure());
    }

    private Lsn confirmedFlush(String slot) {
        return Lsn.parse(
                String.valueOf(
                        server.query(
                                name,
                                "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                                        + slot
                                        + "'")));
    }

    private Lsn endOfLog() {
        return Lsn.parse(String.valueOf(server.query(name, "select pg_current_wal_lsn()")));
    }

    /** What the pipeline would keep: a transaction that is open at a Resumed is forgotten. */
    private static List<String> whole(Follower follower) {
        List<String> whole = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (ChangeEvent event : follower.events) {
            switch (event) {
                case ChangeEvent.Resumed r -> open.clear();
                case ChangeEvent.Begin b -> open.clear();
                case RowChange change -> open.add(told(change));
                case ChangeEvent.Commit c -> whole.addAll(open);
                case ChangeEvent.Message m -> {}
                case ChangeEvent.Progress p -> {}
                case ChangeEvent.Missed m -> {}
            }
        }
        return whole;
    }

    private static String told(RowChange change) {
        return change.operation() + " " + (change.row() == null ? "" : texts(change.row()));
    }

    /** Whatever the columns are called: a name may have been damaged on its way. */
    private static String texts(Row row) {
        return row.values().stream()
                .map(v -> v instanceof ColumnValue.Text text ? text.text() : "?")
                .collect(Collectors.joining());
    }

    private static List<String> inserts(int to) {
        return IntStream.rangeClosed(1, to).mapToObj(i -> "INSERT " + i + "a").toList();
    }

    private static void awaitWhole(Follower follower, int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> whole(follower).size() >= count);
    }

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

    /**
     * Sixteen followers of one table, each of which is cut off a byte later than the one before it.
     */
    @Test
    void f08_aStreamThatIsCutAtAnyByteGoesOnWithTheTransactionThatWasOpen() {
        List<FaultProxy> proxies = new ArrayList<>();
        List<Follower> followers = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                proxies.add(FaultProxy.to(server));
                followers.add(follow(wire(proxies.get(i)), quiet(name + "_" + i)));
            }
            int rows = 0;
            long length = Long.MAX_VALUE;
            for (int first = 0; first < length; first += 16) {
                awaitAll(followers, f -> f.state() == SourceState.STREAMING);
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
                    .isGreaterThan((int) length * 3 / 4);
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

    /** Everything but progress, which comes when the server has nothing else to say. */
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
                                : e.toString())
                .toList();
    }

    @Test
    void f16_aServerThatIsReachedByItsIpv6AddressIsFollowed() {
        DatabaseUrl literal = DatabaseUrl.parse(url.replace("@127.0.0.1:", "@[::1]:"));
        try (Follower follower =
                follow(Follower.wire(literal), hasty(name)).awaitState(SourceState.STREAMING)) {
            insert(1);
            awaitWhole(follower, 1);
        }
    }

    @Test
    void f18_aNewPasswordIsAskedForAtTheNextConnectAndTheStreamIsNotDisturbed() {
        server.execute("create role rotating superuser login password 'first-secret'");
        AtomicReference<String> password = new AtomicReference<>("first-secret");
        AtomicInteger asked = new AtomicInteger();
        DatabaseUrl there = DatabaseUrl.parse(url);
        WireOptions wire =
                WireOptions.of(
                        there.host(),
                        there.port(),
                        there.database(),
                        () -> {
                            var _ = asked.incrementAndGet();
                            return Future.succeededFuture(
                                    Credentials.of("rotating", password.get().toCharArray()));
                        });
        try (Follower follower = follow(wire, hasty(name)).awaitState(SourceState.STREAMING)) {
            int before = asked.get();
            server.execute("alter role rotating password 'second-secret'");
            insert(1);
            awaitWhole(follower, 1);
            assertThat(asked).hasValue(before);

            password.set("second-secret");
            var _ =
                    server.query(
                            name,
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                                    + name
                                    + "'");
            await().until(() -> follower.source.status().reconnects() == 1);
            follower.awaitState(SourceState.STREAMING);
            insert(2);
            awaitWhole(follower, 2);
            assertThat(asked).hasValueGreaterThan(before);
            assertThat(whole(follower)).isEqualTo(inserts(2));
        }
    }

    /**
     * Bits of all the fields of Begin, Relation, Insert and Commit. A keepalive says one position
     * and nothing that it could be checked by, so none is damaged here: against that there is TLS.
     */
    @Test
    void f47_aByteThatIsWrongIsAMessageOrAnErrorAndNothingBehindItIsConfirmed() {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<Boolean> poisoned = new ArrayList<>();
        for (int row = 1; row <= 19; row++) {
            int offset = 8 * (row - 1) + random.nextInt(8);
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
        int commit = 51 + 70 + 50; // behind Begin, Relation and Insert
        int end = commit + 5 + 25 + 10;
        assertThat(isPoisonedBy(1, new Fault.Flip(end + 3, 1), "2^32 further")).isTrue();
    }

    /** Inserts a row that is damaged on its way; the other outcome is that it is told. */
    private boolean isPoisonedBy(int row, Fault damage, String what) {
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
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
        long before = proxy.bytes(TO_CLIENT);
        follow(proxy, name).awaitState(SourceState.STREAMING).close();
        // all is asked on one connection, the stream has a second: the first sends most of it
        long length = (proxy.bytes(TO_CLIENT) - before) / 2;
        int cuts = 12;
        for (int i = 0; i < cuts; i++) {
            proxy.set(TO_CLIENT, new Fault.CutAfter(length * i / cuts));
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
