package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourcesConfig.SlotLost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What becomes of a stream whose slot, server or history is not what it was: real servers that are
 * copied, restored, promoted and filled up.
 */
@Tag("every-version")
class RecoveryTest {
    private static final SlotOptions STOP = Follower.options("orders");
    private static final SlotOptions REBUILD =
            STOP.with(new SlotOptions.Policy(SlotLost.REBUILD, true, true));
    private static final int FAILOVER_SLOTS = 170_000;
    private static final int IDLE_TIMEOUT = 180_000;

    private PostgresServer server =
            PostgresServer.builder()
                    .setting("max_slot_wal_keep_size", "16MB")
                    .setting("max_wal_size", "64MB")
                    .start();

    @BeforeEach
    void table() {
        server.execute("CREATE TABLE t (id int PRIMARY KEY, v text); ALTER TABLE t OWNER TO app");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void insert(int id) {
        insert(server, id);
    }

    private static void insert(PostgresServer into, int id) {
        into.execute("INSERT INTO t VALUES (" + id + ", 'x')");
    }

    private int version() {
        return Integer.parseInt(query(server, "SHOW server_version_num"));
    }

    private static String query(PostgresServer asked, String sql) {
        return String.valueOf(asked.query("app", sql));
    }

    /** Follows one change and leaves in order. */
    private Checkpoint followOne(SlotOptions options, int id) {
        try (Follower follower = Follower.of(server.url(), options, null)) {
            follower.awaitState(SourceState.STREAMING);
            insert(id);
            follower.awaitChanges(1);
            await().until(() ->
                    follower.stored != null
                            && follower.stored
                                    .watermark()
                                    .isAfter(follower.beginnings().getFirst().from()));
            return Objects.requireNonNull(follower.stored);
        }
    }

    private void dropSlot() {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> "f".equals(query(server, "SELECT active FROM pg_replication_slots")));
        server.execute("SELECT pg_drop_replication_slot('orders')");
    }

    private static void refuses(
            PostgresServer asked, @Nullable Checkpoint stored, SourceState state, String sentence) {
        try (Follower follower = Follower.of(asked.url(), STOP, stored)) {
            follower.awaitState(state);
            SourceFailure failure = Objects.requireNonNull(follower.source.status().failure());
            assertThat(failure.sentence()).contains(sentence);
            assertThat(failure.remedy()).isNotNull();
            assertThat(follower.events).isEmpty();
        }
    }

    /** Goes on with another slot, of which nothing is missed. */
    private static ChangeEvent.Resumed rebuilds(
            PostgresServer asked, Checkpoint stored, int nextId) {
        try (Follower follower = Follower.of(asked.url(), REBUILD, stored)) {
            follower.awaitState(SourceState.STREAMING);
            insert(asked, nextId);
            follower.awaitChanges(1);
            assertThat(follower.told()).containsExactly("INSERT public.t " + nextId);
            return follower.beginnings().getFirst();
        }
    }

    private static void isNextEpoch(ChangeEvent.Resumed resumed, Checkpoint stored, String reason) {
        LogIdentity before = stored.log();
        assertThat(resumed.log().epoch()).isGreaterThan(before.epoch());
        assertThat(resumed.log().system()).isEqualTo(before.system());
        assertThat(resumed.gap()).isEqualTo(Gap.of(stored.watermark(), resumed.from(), reason));
    }

    @Test
    void f29_theNextProcessGoesOnWhereTheLastLeftOffAndNothingComesTwice() {
        Checkpoint stored = followOne(STOP, 1);
        assertThat(stored.log().epoch()).isPositive();
        insert(2);
        try (Follower next = Follower.of(server.url(), STOP, stored)) {
            next.awaitChanges(1);
            insert(3);
            next.awaitChanges(2);
            assertThat(next.told()).containsExactly("INSERT public.t 2", "INSERT public.t 3");
            assertThat(next.changes().stream().map(c -> c.transaction().delivery()))
                    .as("the first may have come to the process before, the second cannot have")
                    .containsExactly(Delivery.AGAIN, Delivery.FIRST);
            assertThat(next.beginnings())
                    .containsExactly(
                            new ChangeEvent.Resumed(stored.watermark(), stored.log(), null));
        }
    }

    @Test
    void f01_aServerThatForgotWhatItWasToldDoesNotRepeatWhatIsStored() {
        try (Follower follower = Follower.of(server.url(), STOP, null)) {
            follower.awaitState(SourceState.STREAMING);
            server.execute("CHECKPOINT");
            insert(1);
            follower.awaitChanges(1);
            server.kill9();
            server.restart();
            insert(2);
            follower.awaitChanges(2);
            assertThat(follower.told()).containsExactly("INSERT public.t 1", "INSERT public.t 2");
        }
    }

    @Test
    void f42_aSlotThatIsGoneWaitsForAnOperatorOrIsMadeAnew() {
        Checkpoint stored = followOne(STOP, 1);
        dropSlot();
        insert(2);
        refuses(server, stored, SourceState.SLOT_MISSING, "was dropped after it had been in use");

        isNextEpoch(rebuilds(server, stored, 3), stored, "The slot was not there any more.");
    }

    @Test
    void f42_aSlotThatWasMadeAnewByOthersIsAGap() {
        Checkpoint stored = followOne(STOP, 1);
        dropSlot();
        insert(2);
        server.execute("SELECT pg_create_logical_replication_slot('orders', 'pgoutput')");
        refuses(server, stored, SourceState.GAP_SUSPECTED, "somebody else has read from it");

        isNextEpoch(
                rebuilds(server, stored, 3),
                stored,
                "The slot has moved on without us: somebody else read from it, or made it anew.");
    }

    @Test
    void f40_aSlotThatTheServerGivesUpWhileWeStreamSaysWhyAndIsMadeAnew() {
        try (Follower follower = Follower.of(server.url(), REBUILD, null)) {
            follower.confirms = false;
            follower.awaitState(SourceState.STREAMING);
            insert(1);
            follower.awaitChanges(1);
            Checkpoint stored = Objects.requireNonNull(follower.stored);
            server.execute("CREATE TABLE noise (v text)");
            for (int i = 0; i < 12; i++) {
                server.execute(
                        "INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 8000)");
                server.execute("SELECT pg_switch_wal()");
                server.execute("CHECKPOINT");
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> follower.beginnings().size() > 1);
            follower.confirms = true;
            AtomicInteger next = new AtomicInteger(1);
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        boolean told =
                                follower.told().getLast().equals("INSERT public.t " + next.get())
                                        && next.get() > 1;
                        insert(next.incrementAndGet());
                        return told;
                    });
            ChangeEvent.Resumed anew = follower.beginnings().getLast();
            assertThat(anew.log().epoch()).isGreaterThan(stored.log().epoch());
            assertThat(Objects.requireNonNull(anew.gap()).reason())
                    .isEqualTo("The server had given the slot up (wal_removed).");
            assertThat(Objects.requireNonNull(anew.gap()).to()).isEqualTo(anew.from());
        }
    }

    @Test
    void f40_aSlotThatWasGivenUpMeanwhileWaitsForAnOperator() {
        Checkpoint stored = followOne(STOP, 1);
        server.execute("CREATE TABLE noise (v text)");
        for (int i = 0; i < 12; i++) {
            server.execute(
                    "INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 8000)");
            server.execute("SELECT pg_switch_wal()");
            server.execute("CHECKPOINT");
        }
        refuses(server, stored, SourceState.SLOT_LOST, "max_slot_wal_keep_size");

        isNextEpoch(
                rebuilds(server, stored, 3),
                stored,
                "The server had given the slot up (wal_removed).");
    }

    @Test
    void f41_aSlotThatNobodyReadFromForTooLongNamesTheSetting() {
        org.junit.jupiter.api.Assumptions.assumeTrue(version() >= IDLE_TIMEOUT);
        Checkpoint stored = followOne(STOP, 1);
        server.execute("ALTER SYSTEM SET idle_replication_slot_timeout = '1s'");
        server.execute("SELECT pg_reload_conf()");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> {
                    server.execute("CHECKPOINT");
                    return "lost"
                            .equals(query(server, "SELECT wal_status FROM pg_replication_slots"));
                });

        refuses(server, stored, SourceState.SLOT_LOST, "idle_replication_slot_timeout");
    }

    @Test
    void f21_anotherClusterAndAnOlderStateAreRefused() {
        Checkpoint early = followOne(STOP, 1);
        server.stopFast();
        try (PostgresServer restored = server.copy()) {
            server.restart();
            insert(2);
            Checkpoint stored;
            try (Follower next = Follower.of(server.url(), STOP, early)) {
                next.awaitChanges(1);
                await().until(() ->
                        Objects.requireNonNull(next.stored).watermark().isAfter(early.watermark()));
                server.execute(
                        "CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
                await().atMost(Duration.ofSeconds(15))
                        .until(() ->
                                Objects.requireNonNull(next.stored).watermark().number()
                                                - early.watermark().number()
                                        > 1_000_000);
                stored = Objects.requireNonNull(next.stored);
            }
            restored.restart();
            refuses(
                    restored,
                    stored,
                    SourceState.IDENTITY_MISMATCH,
                    "it was restored from an older state");
            refuses(
                    restored,
                    new Checkpoint(new LogIdentity("1", 1, 1), stored.watermark()),
                    SourceState.IDENTITY_MISMATCH,
                    "Another database cluster answers");
        }
    }

    @Test
    void f19_aPromotedServerWithoutTheSlotSaysSoAndIsFollowedWithAGap() {
        Checkpoint stored = followOne(STOP, 1);
        server.stopFast();
        try (PostgresServer standby = server.copy()) {
            delete(standby.directoryOnDisk().resolve("data/pg_replslot/orders"));
            standby.becomeStandby();
            standby.restart();
            standby.promote();
            refuses(
                    standby,
                    stored,
                    SourceState.SLOT_MISSING,
                    "The server was promoted (timeline 2) without slot orders.");

            ChangeEvent.Resumed anew = rebuilds(standby, stored, 2);
            isNextEpoch(anew, stored, "The slot was not there any more.");
            assertThat(anew.log().timeline()).isEqualTo(2);
            server.restart();
            refuses(
                    server,
                    new Checkpoint(anew.log(), anew.from()),
                    SourceState.IDENTITY_MISMATCH,
                    "a primary that was replaced");
        }
    }

    @Test
    void f20_aSlotThatFollowedTheFailOverGoesOnAndNothingIsLost() {
        org.junit.jupiter.api.Assumptions.assumeTrue(version() >= FAILOVER_SLOTS);
        server.execute("SELECT pg_create_physical_replication_slot('standby')");
        server.stopFast();
        try (PostgresServer standby =
                server.copy(
                        "primary_conninfo = 'host=127.0.0.1 port="
                                + server.portNumber()
                                + " user=postgres password=postgres dbname=app'",
                        "primary_slot_name = 'standby'",
                        "hot_standby_feedback = on",
                        "sync_replication_slots = on")) {
            server.restart();
            standby.becomeStandby();
            standby.restart();
            Checkpoint stored = followUntilSynced(standby);
            insert(2);
            insert(3);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> "t".equals(query(standby, "SELECT max(id) >= 3 FROM t")));
            waits(standby, stored);
            server.kill9();
            standby.promote();
            insert(standby, 4);
            try (Follower follower = Follower.of(standby.url(), STOP, stored)) {
                await().atMost(Duration.ofSeconds(15))
                        .until(() -> follower.told().contains("INSERT public.t 4"));
                assertThat(follower.told())
                        .containsSubsequence(
                                "INSERT public.t 2", "INSERT public.t 3", "INSERT public.t 4");
                ChangeEvent.Resumed first = follower.beginnings().getFirst();
                assertThat(first.log().timeline()).isEqualTo(2);
                assertThat(first.log().epoch()).isGreaterThan(stored.log().epoch());
                assertThat(first.gap()).isNull();
            }
        }
    }

    /** A standby keeps its copy of a slot only once that slot moves on. */
    private Checkpoint followUntilSynced(PostgresServer standby) {
        try (Follower follower = Follower.of(server.url(), STOP, null)) {
            follower.awaitState(SourceState.STREAMING);
            assertThat(
                            query(
                                    server,
                                    "SELECT failover FROM pg_replication_slots WHERE slot_name = 'orders'"))
                    .isEqualTo("t");
            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> {
                        server.execute(
                                "INSERT INTO t SELECT min(id) - 1 FROM (SELECT 0 AS id UNION SELECT id FROM t) x");
                        return "t"
                                .equals(
                                        query(
                                                standby,
                                                "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = 'orders'"));
                    });
            return Objects.requireNonNull(follower.stored);
        }
    }

    /** A standby's copy of the slot cannot be read before the standby is promoted. */
    private static void waits(PostgresServer standby, Checkpoint stored) {
        try (Follower follower = Follower.of(standby.url(), STOP, stored)) {
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> follower.source.status().failure() != null);
            SourceFailure failure = Objects.requireNonNull(follower.source.status().failure());
            assertThat(failure.state()).isEqualTo(SourceState.CONNECTING);
            assertThat(failure.sentence())
                    .isEqualTo(
                            "The server is a standby, and its slot orders follows the primary's.");
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : all) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
