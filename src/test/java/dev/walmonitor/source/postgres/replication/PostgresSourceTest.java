package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The source on a real server. */
@Tag("every-version")
class PostgresSourceTest {
    private final PostgresServer server = SharedServers.postgres();
    private final String slot = "source_test_" + SharedServers.number();
    private String url = "";
    private String database = "";

    @BeforeEach
    void freshDatabase() throws SQLException {
        url = SharedServers.freshDatabase();
        database = DatabaseUrl.parse(url).database();
        sql("create table t (id int primary key, v text)");
    }

    @AfterEach
    void dropSlot() throws SQLException {
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        "0"
                                .equals(
                                        query(
                                                "select count(*) from pg_replication_slots where active and slot_name = '"
                                                        + slot
                                                        + "'")));
        admin(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '"
                        + slot
                        + "'");
    }

    /** Runs statements as the role that owns the tables. */
    private void sql(String... statements) throws SQLException {
        run("set role app", statements);
    }

    private void admin(String... statements) throws SQLException {
        run("reset role", statements);
    }

    private void run(String role, String... statements) throws SQLException {
        try (Connection connection = server.open(database);
                Statement statement = connection.createStatement()) {
            statement.execute(role);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String query(String sql) {
        return String.valueOf(server.query(database, sql));
    }

    private Position confirmedFlush() {
        return Lsn.parse(
                query(
                        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                                + slot
                                + "'"));
    }

    /** What is asked before the stream opens the table in its present shape. */
    @Test
    void f61_rowsFromBeforeAChangeOfTheTableHaveTheShapeOfThen() throws SQLException {
        Follower.of(url, slot).awaitState(SourceState.STREAMING).close();
        sql("insert into t values (1, 'a')");
        sql("alter table t add column later int default 7", "alter table t rename v to w");
        sql("insert into t values (2, 'b')");

        try (Follower follower = Follower.of(url, slot)) {
            follower.awaitChanges(2);

            assertThat(follower.changes())
                    .extracting(change -> change.relation().columns().stream().map(Column::name))
                    .extracting(Stream::toList)
                    .containsExactly(List.of("id", "v"), List.of("id", "w", "later"));
        }
    }

    @Test
    void tellsEveryChangeInCommitOrder() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            sql(
                    "insert into t values (1, 'a'), (2, 'b')",
                    "update t set v = 'c' where id = 1",
                    "delete from t where id = 2");
            sql("truncate t");
            follower.awaitChanges(5);

            assertThat(follower.told())
                    .containsExactly(
                            "INSERT public.t 1",
                            "INSERT public.t 2",
                            "UPDATE public.t 1",
                            "DELETE public.t 2",
                            "TRUNCATE public.t");
            assertThat(follower.events.getFirst()).isInstanceOf(ChangeEvent.Resumed.class);
            assertThat(follower.changes().stream().map(RowChange::ordinal))
                    .containsExactly(0, 1, 0, 0, 0);
            assertThat(follower.changes().getFirst().relation().keyNames()).containsExactly("id");
        }
    }

    @Test
    void confirmsWhatWasConfirmedAndAfterAGracefulStopTellsNothingAgain() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            sql("insert into t values (1, 'a')");
            follower.awaitChanges(1);
            Position end =
                    follower.events.stream()
                            .filter(ChangeEvent.Commit.class::isInstance)
                            .map(e -> ((ChangeEvent.Commit) e).end())
                            .findFirst()
                            .orElseThrow();
            await().until(() -> confirmedFlush().compareTo(end) >= 0);
        }
        sql("insert into t values (2, 'b')");
        try (Follower again = Follower.of(url, slot)) {
            again.awaitChanges(1);
            assertThat(again.told()).containsExactly("INSERT public.t 2");
        }
    }

    @Test
    void tellsAgainWhatWasNotConfirmed() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            follower.confirms = false;
            sql("insert into t values (1, 'a')");
            sql("insert into t values (2, 'a')");
            follower.awaitChanges(2);
        }
        try (Follower again = Follower.of(url, slot)) {
            again.awaitChanges(2);
            assertThat(again.told()).containsExactly("INSERT public.t 1", "INSERT public.t 2");
        }
    }

    @Test
    void f02_aTerminatedWalsenderIsReplacedWithinSecondsAndNothingComesTwice() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            follower.confirms = false;
            sql("insert into t values (1, 'a')");
            follower.awaitChanges(1);
            admin(
                    "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                            + slot
                            + "'");
            await().until(() -> follower.source.status().reconnects() == 1);
            sql("insert into t values (2, 'a')");
            follower.awaitChanges(2);

            assertThat(follower.told()).containsExactly("INSERT public.t 1", "INSERT public.t 2");
            assertThat(follower.changes().stream().map(c -> c.transaction().delivery()))
                    .containsExactly(Delivery.FIRST, Delivery.FIRST);
            assertThat(
                            follower.registry
                                    .get("wal_monitor_reconnects")
                                    .tag("sqlstate", "57P01")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void f03_aServerThatShutsDownIsNotHeldUpByWhatIsNotConfirmed() throws SQLException {
        PostgresServer own = PostgresServer.started();
        try (Follower follower = Follower.of(own.url(), slot).awaitState(SourceState.STREAMING)) {
            follower.confirms = false;
            own.execute("create table t (id int primary key); alter table t owner to app");
            own.execute("select pg_logical_emit_message(true, 'x', 'y')");
            own.stopFast();
            await().until(() -> follower.state() == SourceState.CONNECTING);
            own.restart();
            follower.awaitState(SourceState.STREAMING);
        } finally {
            own.stopImmediately();
        }
    }

    @Test
    void f05_aSecondInstanceStandsByAndTakesOver() throws SQLException {
        Follower first = Follower.of(url, slot).awaitState(SourceState.STREAMING);
        try (Follower second = Follower.of(url, slot).awaitState(SourceState.STANDBY)) {
            assertThat(Objects.requireNonNull(second.source.status().failure()).retry())
                    .isEqualTo(SourceFailure.Retry.SOON);
            first.close();
            second.awaitState(SourceState.STREAMING);
            sql("insert into t values (1, 'a')");
            second.awaitChanges(1);
        }
    }

    @Test
    void f23_withoutDemandTheSocketIsPausedAndTheConnectionLivesOn() throws SQLException {
        try (Follower follower =
                new Follower(DatabaseUrl.parse(url), Follower.options(slot), Interest.ALL, false)) {
            follower.request(1);
            follower.awaitState(SourceState.STREAMING);
            sql("insert into t select i, repeat('x', 1000) from generate_series(1, 30000) i");
            // three times the server's wal_sender_timeout of 4 s, and nobody asks
            await().pollDelay(Duration.ofSeconds(9)).until(() -> true);
            int early = follower.changes().size();
            assertThat(
                            query(
                                    "select wait_event from pg_stat_activity join pg_replication_slots on"
                                            + " pid = active_pid where slot_name = '"
                                            + slot
                                            + "'"))
                    .as("the server waits for us to read")
                    .isEqualTo("WalSenderWriteData");
            follower.request(Long.MAX_VALUE);
            follower.awaitChanges(30_000);

            assertThat(early).isLessThan(10_000);
            assertThat(follower.changes()).hasSize(30_000);
            assertThat(follower.source.status().reconnects()).isZero();
        }
    }

    @Test
    void f38_anIdlePublishedTableDoesNotHoldTheSlotBack() throws SQLException {
        sql("create table busy (id int, v text)");
        Interest onlyT = (relation, operation) -> relation.table().name().equals("t");
        try (Follower follower =
                new Follower(DatabaseUrl.parse(url), Follower.options(slot), onlyT, true)) {
            follower.awaitState(SourceState.STREAMING);
            Position before = confirmedFlush();
            sql("insert into busy select i, 'x' from generate_series(1, 10000) i");
            Position end = Lsn.parse(query("select pg_current_wal_lsn()"));

            await().atMost(Duration.ofSeconds(15))
                    .until(() -> confirmedFlush().compareTo(end) >= 0);
            assertThat(before.compareTo(end)).isNegative();
            assertThat(follower.changes()).isEmpty();
        }
    }

    @Test
    void thePublicationHoldsTheTablesThatAreWantedAndOnlyThose() throws SQLException {
        sql(
                "create table other (id int primary key)",
                "create table \"Odd \"\"name\" (id int primary key)");
        Interest odd = (relation, operation) -> relation.table().name().startsWith("Odd");
        Follower.of(url, slot).awaitState(SourceState.STREAMING).close();
        assertThat(published()).isEqualTo("Odd \"name,other,t");

        new Follower(DatabaseUrl.parse(url), Follower.options(slot), odd, true)
                .awaitState(SourceState.STREAMING)
                .close();
        assertThat(published()).isEqualTo("Odd \"name");
    }

    private String published() {
        return query(
                "select string_agg(tablename, ',' order by tablename) from pg_publication_tables where pubname = '"
                        + slot
                        + "'");
    }

    @Test
    void f56_aTableWithoutIdentityIsNotPublishedBecauseTheApplicationCouldNotUpdateItAnyMore()
            throws SQLException {
        sql("create table log (line text)");
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            sql(
                    "insert into log values ('x')",
                    "update log set line = 'y'",
                    "insert into t values (1, 'a')");
            follower.awaitChanges(1);
            assertThat(published()).isEqualTo("t");
        }
    }

    @Test
    void underFullIdentityTheKeyIsThePrimaryKeyAndFollowsTheCatalogue() throws SQLException {
        sql("alter table t replica identity full");
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            sql("insert into t values (1, 'a')");
            follower.awaitChanges(1);
            Relation first = follower.changes().getFirst().relation();
            assertThat(first.keyNames()).containsExactly("id");

            sql("alter table t drop constraint t_pkey", "alter table t add primary key (id, v)");
            AtomicInteger id = new AtomicInteger(1);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> {
                        int next = id.incrementAndGet();
                        sql("insert into t values (" + next + ", 'a')");
                        follower.awaitChanges(next);
                        return follower.changes()
                                .get(next - 1)
                                .relation()
                                .keyNames()
                                .equals(List.of("id", "v"));
                    });
        }
    }

    @Test
    void ownTablesAreNeverTold() throws SQLException {
        admin("create schema wal_monitor", "create table wal_monitor.x (id int primary key)");
        admin("create publication " + slot + " for all tables");
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            admin("insert into wal_monitor.x values (1)");
            sql("insert into t values (1, 'a')");
            follower.awaitChanges(1);
            assertThat(follower.told()).containsExactly("INSERT public.t 1");
        }
    }

    @Test
    void showsItsTablesAndHowFarItIsBehind() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            follower.confirms = false;
            List<Relation> relations =
                    follower.source.relations().await().atMost(Duration.ofSeconds(10));
            assertThat(relations).hasSize(1);
            assertThat(relations.getFirst().table()).hasToString("public.t");
            assertThat(relations.getFirst().keyNames()).containsExactly("id");

            sql("insert into t select i, repeat('x', 100) from generate_series(1, 1000) i");
            LogGauges gauges = follower.source.gauges().await().atMost(Duration.ofSeconds(10));
            assertThat(gauges.lagBytes()).isGreaterThan(100_000);
            assertThat(gauges.retainedBytes()).isGreaterThanOrEqualTo(gauges.lagBytes());
            assertThat(gauges.active()).isTrue();
        }
    }

    private static Row row(RowChange change) {
        return Objects.requireNonNull(change.row());
    }

    @Test
    void f61_rowsFromBeforeATableWasAlteredAreReadAsTheyWere() throws SQLException {
        sql("create table other (id int primary key, v text)");
        Follower.of(url, slot).awaitState(SourceState.STREAMING).close();
        sql(
                "insert into t values (1, 'a')",
                "alter table t alter v type int using 5",
                "alter table t add extra int default 8",
                "insert into t values (2, 7)",
                "insert into other values (1, 'a')",
                "alter table other drop v");
        try (Follower follower = Follower.of(url, slot)) {
            follower.awaitChanges(3);

            assertThat(follower.changes().stream().map(c -> row(c).values().toString()))
                    .containsExactly(
                            "[Text[text=1], Text[text=a]]",
                            "[Text[text=2], Text[text=7], Text[text=8]]",
                            "[Text[text=1], Text[text=a]]");
        }
    }

    @Test
    void f42_aSlotThatIsDroppedWhileInUseIsNotMadeAnew() throws SQLException {
        try (Follower follower = Follower.of(url, slot).awaitState(SourceState.STREAMING)) {
            admin(
                    "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                            + slot
                            + "'");
            await().pollInterval(Duration.ofMillis(1))
                    .ignoreExceptions()
                    .until(() -> {
                        admin("select pg_drop_replication_slot('" + slot + "')");
                        return true;
                    });
            follower.awaitState(SourceState.SLOT_MISSING);

            SourceFailure failure = Objects.requireNonNull(follower.source.status().failure());
            assertThat(failure.sentence())
                    .startsWith("Slot " + slot + " on ")
                    .endsWith(" was dropped after it had been in use.");
            assertThat(failure.remedy())
                    .endsWith("start with wal-monitor.sources.main.slot-lost=rebuild.");
            assertThat(failure.retry()).isEqualTo(SourceFailure.Retry.SLOWLY);
        }
    }
}
