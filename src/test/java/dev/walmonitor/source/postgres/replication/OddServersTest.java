package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourcesConfig.SlotLost;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a stream makes of publications that others change, and of databases that are set up oddly.
 */
@Tag("every-version")
class OddServersTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static PostgresServer server;

    private final String name = "odd_" + NAMES.incrementAndGet();
    private String url = "";

    @BeforeAll
    static void startServer() {
        server = PostgresServer.builder().setting("max_replication_slots", "6").start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void database() {
        url = server.createDatabase(name);
        sql("CREATE TABLE t (id int PRIMARY KEY, v text)", "ALTER TABLE t OWNER TO app");
    }

    @AfterEach
    void dropSlots() {
        await().atMost(Duration.ofSeconds(15))
                .until(() ->
                        "0"
                                .equals(
                                        query(
                                                "SELECT count(*) FROM pg_replication_slots WHERE active")));
        sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    }

    private void sql(String... statements) {
        try (Connection connection = server.open(name);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String query(String sql) {
        return String.valueOf(server.query(name, sql));
    }

    private int version() {
        return Integer.parseInt(query("SHOW server_version_num"));
    }

    private static SlotOptions policy(String name, SlotLost lost) {
        return Follower.options(name).with(new SlotOptions.Policy(lost, true, true));
    }

    private Follower follow(SlotLost lost) {
        return Follower.of(url, policy(name, lost), null);
    }

    private static SourceFailure failure(Follower follower) {
        return Objects.requireNonNull(follower.source.status().failure());
    }

    @Test
    void f43_aServerWhoseLogHoldsNoRowChangesIsSaidWithTheStatementThatMendsIt() {
        PostgresServer replica = PostgresServer.builder().setting("wal_level", "replica").start();
        try (Follower follower = Follower.of(replica.url(), name).awaitState(SourceState.FAILED)) {
            assertThat(failure(follower).message())
                    .isEqualTo(
                            "The server writes its log with wal_level=replica, which holds no row changes."
                                    + " Run ALTER SYSTEM SET wal_level = 'logical' and restart the server.");
        } finally {
            replica.stopImmediately();
        }
    }

    @Test
    void f59_aPublicationThatIsDroppedMidStreamIsMissedAndNothingIsConfirmedPastIt() {
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
            sql("INSERT INTO t VALUES (1)");
            follower.awaitChanges(1);
            sql("DROP PUBLICATION " + name);
            sql("INSERT INTO t VALUES (2)");
            follower.awaitState(SourceState.PUBLICATION_MISSING);

            assertThat(failure(follower).sentence())
                    .startsWith(
                            "Publication "
                                    + name
                                    + " did not exist at the position that slot "
                                    + name
                                    + " has to read: ");
            assertThat(failure(follower).remedy()).endsWith("slot-lost=rebuild.");
            assertThat(follower.told()).containsExactly("INSERT public.t 1");
            assertThat(
                            query(
                                    "SELECT confirmed_flush_lsn < pg_current_wal_lsn() FROM pg_replication_slots"))
                    .isEqualTo("t");
        }
    }

    @Test
    void f59_aPublicationThatWasDroppedIsMadeAgainWithANewSlotAndAGap() {
        try (Follower follower = follow(SlotLost.REBUILD).awaitState(SourceState.STREAMING)) {
            sql("INSERT INTO t VALUES (1)");
            follower.awaitChanges(1);
            sql("DROP PUBLICATION " + name);
            sql("INSERT INTO t VALUES (2)");
            await().atMost(Duration.ofSeconds(20)).until(() -> follower.beginnings().size() == 2);
            sql("INSERT INTO t VALUES (3)");
            follower.awaitChanges(2);

            assertThat(follower.told()).containsExactly("INSERT public.t 1", "INSERT public.t 3");
            assertThat(Objects.requireNonNull(follower.beginnings().getLast().gap()).reason())
                    .startsWith("Publication " + name + " did not exist at the position");
        }
    }

    @Test
    void f59_aPublicationThatIsNotOursToMakeIsWaitedForWithTheStatementThatMakesIt() {
        SlotOptions unmanaged =
                new SlotOptions(name, name, false, Duration.ofSeconds(4), Duration.ofSeconds(1));
        sql("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
        try (Follower follower = Follower.of(url, unmanaged, null)) {
            follower.awaitState(SourceState.PUBLICATION_MISSING);
            assertThat(failure(follower).message())
                    .contains("There is no publication " + name)
                    .endsWith("Create it: CREATE PUBLICATION \"" + name + "\" FOR TABLE …");
        }
    }

    @Test
    void f60_whatAPublicationHoldsBackIsRemarked() {
        sql(
                "CREATE TABLE u (id int PRIMARY KEY)",
                "CREATE TABLE w (id int PRIMARY KEY, a text, b text)",
                "CREATE PUBLICATION " + name + " FOR TABLE t, w WITH (publish = 'insert, update')");
        if (version() >= 150_000) {
            sql("ALTER PUBLICATION " + name + " SET TABLE t WHERE (id > 5), w (id, a)");
        }
        SlotOptions unmanaged =
                new SlotOptions(name, name, false, Duration.ofSeconds(4), Duration.ofSeconds(1));
        sql("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
        try (Follower follower = Follower.of(url, unmanaged, null)) {
            follower.awaitState(SourceState.STREAMING);
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> !follower.source.status().remarks().isEmpty());
            List<String> general =
                    List.of(
                            "Publication "
                                    + name
                                    + " does not publish delete, truncate, which rules want.",
                            "Table public.u is wanted by a rule, and publication "
                                    + name
                                    + " does not give its changes.");
            assertThat(follower.source.status().remarks()).containsAll(general);
            if (version() >= 150_000) {
                assertThat(follower.source.status().remarks())
                        .contains(
                                "Publication "
                                        + name
                                        + " has a row filter for public.t: changes of the rows that it keeps back do not"
                                        + " come.",
                                "Publication " + name + " leaves out columns of public.w: b.");
            }
        }
    }

    @Test
    void f60_aTableThatIsMadeLaterIsPublishedAndTheTimeBeforeIsAGapForIt() {
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
            sql("CREATE TABLE later (id int PRIMARY KEY)", "ALTER TABLE later OWNER TO app");
            sql("ALTER PUBLICATION " + name + " OWNER TO app");
            await().atMost(Duration.ofSeconds(40))
                    .until(() ->
                            follower.events.stream()
                                    .anyMatch(ChangeEvent.Missed.class::isInstance));
            sql("INSERT INTO later VALUES (1)");
            follower.awaitChanges(1);

            ChangeEvent.Missed missed =
                    follower.events.stream()
                            .filter(ChangeEvent.Missed.class::isInstance)
                            .map(ChangeEvent.Missed.class::cast)
                            .findFirst()
                            .orElseThrow();
            assertThat(missed.gap().tables()).containsExactly(new TableName("public", "later"));
            assertThat(missed.gap().reason()).isEqualTo("These tables were not published before.");
            assertThat(follower.told()).containsExactly("INSERT public.later 1");
        }
    }

    @Test
    void f62_aPartitionWithAnotherIdentityThanItsRootIsRefusedWithTheStatementThatMendsIt() {
        sql(
                "CREATE TABLE parted (id int, region int, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
                "CREATE TABLE \"Parted1\" PARTITION OF parted FOR VALUES IN (1)",
                "ALTER TABLE parted REPLICA IDENTITY FULL",
                "ALTER TABLE parted OWNER TO app",
                "ALTER TABLE \"Parted1\" OWNER TO app");
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.FAILED)) {
            assertThat(failure(follower).message())
                    .isEqualTo(
                            "Partition public.Parted1 has another replica identity than public.parted, as which it is"
                                    + " published: what it does not send of an old row would be taken for NULL. Give it the"
                                    + " same: ALTER TABLE \"public\".\"Parted1\" REPLICA IDENTITY FULL");
        }
    }

    @Test
    void f65_generatedColumnsAreLeftOutAndAFilterTurnsAnUpdateIntoWhatItMeans() {
        sql(
                "CREATE TABLE g (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED)",
                "ALTER TABLE g OWNER TO app");
        boolean filters = version() >= 150_000;
        sql("CREATE PUBLICATION " + name + " FOR TABLE g" + (filters ? " WHERE (id <> 2)" : ""));
        SlotOptions unmanaged =
                new SlotOptions(name, name, false, Duration.ofSeconds(4), Duration.ofSeconds(1));
        sql("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
        try (Follower follower = Follower.of(url, unmanaged, null)) {
            follower.awaitState(SourceState.STREAMING);
            sql("INSERT INTO g VALUES (1, 20)", "UPDATE g SET id = 2", "UPDATE g SET id = 1");
            follower.awaitChanges(3);

            assertThat(follower.changes().getFirst().relation().columns())
                    .extracting(column -> column.name())
                    .containsExactly("id", "a");
            assertThat(follower.told())
                    .containsExactly(
                            "INSERT public.g 1",
                            filters ? "DELETE public.g 1" : "UPDATE public.g 2",
                            filters ? "INSERT public.g 1" : "UPDATE public.g 1");
        }
    }

    @Test
    void f65_aTableIsNeverPublishedIfTheApplicationsOwnUpdatesWouldFail() {
        sql(
                "CREATE TABLE keyless (id int)",
                "ALTER TABLE keyless OWNER TO app",
                "CREATE TABLE g (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED)",
                "ALTER TABLE g REPLICA IDENTITY FULL",
                "ALTER TABLE g OWNER TO app");
        boolean virtual = version() >= 180_000;
        if (virtual) {
            sql(
                    "CREATE TABLE h (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL)",
                    "ALTER TABLE h REPLICA IDENTITY FULL",
                    "ALTER TABLE h OWNER TO app");
        }
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
            sql(
                    "INSERT INTO keyless VALUES (1)",
                    "UPDATE keyless SET id = 2",
                    "DELETE FROM keyless");
            sql("INSERT INTO g VALUES (1, 20)", "UPDATE g SET a = 21", "DELETE FROM g");
            if (virtual) {
                sql("INSERT INTO h VALUES (1, 20)", "UPDATE h SET a = 21", "DELETE FROM h");
            }
            sql("INSERT INTO t VALUES (1)");
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> follower.told().contains("INSERT public.t 1"));

            assertThat(follower.told())
                    .containsExactly(
                            "INSERT public.g 1",
                            "UPDATE public.g 1",
                            "DELETE public.g 1",
                            "INSERT public.t 1");
        }
    }

    @Test
    void f12_whenAllSlotsAreTakenTheOperatorIsTold() {
        for (int i = 0; i < 6; i++) {
            sql("SELECT pg_create_physical_replication_slot('taken" + i + "')");
        }
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.FAILED)) {
            assertThat(failure(follower).code()).isEqualTo("53400");
            assertThat(failure(follower).remedy())
                    .isEqualTo(
                            "Raise max_replication_slots, or drop a slot that nobody uses any more.");
        }
    }

    @Test
    void f44_aSlotThatWaitsForATransactionNamesTheBackendThatHoldsItUp() throws SQLException {
        try (Connection open = server.open(name);
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            String pid =
                    query("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'");
            try (Follower follower = follow(SlotLost.STOP)) {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> follower.source.status().failure() != null);
                assertThat(failure(follower).message())
                        .isEqualTo(
                                "The new slot waits for every transaction that is open; the oldest is that of backend "
                                        + pid
                                        + ". Let it end, or end it: SELECT pg_terminate_backend("
                                        + pid
                                        + ")");
                open.commit();
                follower.awaitState(SourceState.STREAMING);
                sql("INSERT INTO t VALUES (2)");
                follower.awaitChanges(1);
                assertThat(follower.told()).containsExactly("INSERT public.t 2");
            }
        }
    }

    @Test
    void f45_aTransactionThatIsLeftOpenHoldsTheLogAndNotOurLag() throws SQLException {
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING);
                Connection open = server.open(name);
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            sql("CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
            sql("CHECKPOINT");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        LogGauges gauges =
                                follower.source.gauges().await().atMost(Duration.ofSeconds(10));
                        return gauges.lagBytes() < 1_000_000
                                && gauges.retainedBytes() > 10_000_000
                                && gauges.catalogAge() >= 1;
                    });
            open.rollback();
        }
    }

    @Test
    void f32_transactionsThatInterleaveAcrossAStopAreToldOnceEach() throws SQLException {
        try (Connection open = server.open(name);
                Statement statement = open.createStatement()) {
            Checkpoint stored;
            try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
                open.setAutoCommit(false);
                statement.execute("INSERT INTO t VALUES (1)");
                sql("INSERT INTO t VALUES (2)");
                follower.awaitChanges(1);
                stored = Objects.requireNonNull(follower.stored);
            }
            statement.execute("INSERT INTO t VALUES (3)");
            open.commit();
            try (Follower follower = Follower.of(url, policy(name, SlotLost.STOP), stored)) {
                follower.awaitChanges(2);
                sql("INSERT INTO t VALUES (4)");
                follower.awaitChanges(3);
                assertThat(follower.told())
                        .containsExactly(
                                "INSERT public.t 1", "INSERT public.t 3", "INSERT public.t 4");
            }
        }
    }

    @Test
    void f52_aDatabaseWithoutEncodingIsReadWithReplacementsAndRemarked() {
        String ascii = name + "_ascii";
        server.execute(
                "CREATE DATABASE "
                        + ascii
                        + " OWNER app ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        try (Connection connection = server.open(ascii);
                Statement statement = connection.createStatement();
                Follower follower =
                        started(
                                statement,
                                server.url(ascii),
                                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                                "ALTER TABLE t OWNER TO app")) {
            follower.awaitState(SourceState.STREAMING);
            statement.execute("INSERT INTO t VALUES (1, E'caf\\xe9'), (2, E'caf\\xc3\\xa9')");
            follower.awaitChanges(2);

            assertThat(follower.changes().stream().map(RowChange::row))
                    .extracting(row -> Objects.requireNonNull(row).text("v"))
                    .containsExactly("caf\ufffd", "caf\u00e9");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(follower.source.status().remarks())
                                    .containsExactly(
                                            "The database has no encoding (SQL_ASCII): bytes that are not UTF-8 are"
                                                    + " replaced."));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Follower started(Statement statement, String of, String... before) throws SQLException {
        for (String sql : before) {
            statement.execute(sql);
        }
        return Follower.of(of, policy(name, SlotLost.STOP), null);
    }

    @Test
    void f53_howARoleFormatsItsValuesChangesNothing() {
        sql(
                "CREATE TABLE f (id int PRIMARY KEY, d date, b bytea, i interval, z timestamptz, r float8, t text)",
                "ALTER TABLE f OWNER TO app");
        String insert =
                "INSERT INTO f VALUES (%d, '2024-03-04', '\\x00ff', '1 day 2 hours', '2024-03-04 05:06:07+02',"
                        + " 0.1::float8 + 0.2::float8, 'é')";
        List<String> plain = formatted(insert.formatted(1));
        for (String setting :
                List.of(
                        "datestyle = 'SQL, DMY'",
                        "bytea_output = 'escape'",
                        "intervalstyle = 'iso_8601'",
                        "timezone = 'Asia/Tokyo'",
                        "extra_float_digits = 0",
                        "client_encoding = 'LATIN1'")) {
            server.execute("ALTER ROLE app SET " + setting);
        }
        try {
            assertThat(formatted(insert.formatted(2))).isEqualTo(plain);
        } finally {
            server.execute("ALTER ROLE app RESET ALL");
        }
        assertThat(plain)
                .containsExactly(
                        "2024-03-04",
                        "\\x00ff",
                        "1 day 02:00:00",
                        "2024-03-04 03:06:07+00",
                        "0.30000000000000004",
                        "é");
    }

    private List<String> formatted(String insert) {
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
            sql(insert);
            await().atMost(Duration.ofSeconds(15)).until(() -> !follower.changes().isEmpty());
            var row = Objects.requireNonNull(follower.changes().getLast().row());
            return List.of("d", "b", "i", "z", "r", "t").stream()
                    .map(column -> String.valueOf(row.text(column)))
                    .toList();
        }
    }

    @Test
    void f39_howMuchMoreLogTheSlotMayHoldIsMeasured() {
        try (Follower follower = follow(SlotLost.STOP).awaitState(SourceState.STREAMING)) {
            follower.confirms = false;
            assertThat(gauges(follower).safeBytes()).as("no limit is set").isNull();
            sql("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'", "SELECT pg_reload_conf()");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> gauges(follower).safeBytes() != null);
            long before = Objects.requireNonNull(gauges(follower).safeBytes());
            sql("CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 10000)");

            assertThat(Objects.requireNonNull(gauges(follower).safeBytes()))
                    .isLessThan(before - 8_000_000);
            assertThat(gauges(follower).retainedBytes()).isGreaterThan(8_000_000);
        } finally {
            sql("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
        }
    }

    private static LogGauges gauges(Follower follower) {
        return follower.source.gauges().await().atMost(Duration.ofSeconds(10));
    }
}
