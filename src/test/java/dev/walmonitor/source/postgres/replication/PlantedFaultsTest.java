package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.WireConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One fault each that is planted on a real server: the whole finding, and what mends it does. */
@Tag("every-version")
class PlantedFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FAILOVER_SLOTS = 170_000;
    private static final int GENERATED_COLUMNS = 180_000;

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.builder().setting("max_prepared_transactions", "5").start();
    }

    @AfterAll
    static void stop() {
        server.stopImmediately();
    }

    @AfterEach
    void dropAll() {
        await().atMost(PATIENCE)
                .until(() ->
                        "0"
                                .equals(
                                        server.query(
                                                "app",
                                                "select count(*) from pg_replication_slots where active")));
        server.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots");
    }

    private static int version() {
        return Integer.parseInt(String.valueOf(server.query("app", "show server_version_num")));
    }

    /** With transactions that need not be old. */
    private static List<Finding> findings(String about) {
        SlotOptions like = Follower.options("wal_monitor");
        SlotOptions options =
                new SlotOptions(
                        "wal_monitor",
                        "wal_monitor",
                        false,
                        like.walSenderTimeout(),
                        like.heartbeatInterval());
        return new PostgresUpkeep(
                        "main",
                        Follower.wire(DatabaseUrl.parse(server.url())),
                        options,
                        Follower.VERTX,
                        new ServerHealth.Ages(Duration.ofMillis(1), Duration.ofMillis(1)))
                .examine(Interest.ALL).await().atMost(PATIENCE).stream()
                        .filter(finding -> finding.about().equals(about))
                        .toList();
    }

    private static Connection app() throws SQLException {
        String url = server.url();
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1), "app", "app");
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static void plant(String... statements) throws SQLException {
        try (Connection connection = server.open("app")) {
            run(connection, statements);
        }
    }

    private static void mend(List<Finding> findings) throws SQLException {
        for (Finding finding : findings) {
            plant(finding.statements().toArray(String[]::new));
        }
    }

    private static String backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var answer = statement.executeQuery("select pg_backend_pid(), txid_current()")) {
            assertThat(answer.next()).isTrue();
            return answer.getString(1);
        }
    }

    @Test
    void aTransactionThatIsOpen() throws SQLException {
        try (Connection forgotten = app()) {
            forgotten.setAutoCommit(false);
            String pid = backend(forgotten);

            List<Finding> found = findings("transactions");
            assertThat(found)
                    .containsExactly(
                            Finding.warning(
                                    "transactions",
                                    "Backend "
                                            + pid
                                            + " (app) has had a transaction open for 0 minutes: a new"
                                            + " slot waits for it, and log is kept for it.",
                                    "If nobody needs it.",
                                    "SELECT pg_terminate_backend(" + pid + ")"));
            mend(found);
            await().atMost(PATIENCE).until(() -> findings("transactions").isEmpty());
            assertThat(forgotten.isValid(5)).isFalse();
        }
    }

    @Test
    void aTransactionOfWhichTheRoleMayNotSeeHowOldItIs() throws SQLException {
        try (Connection hidden = server.open("app")) {
            hidden.setAutoCommit(false);
            String pid = backend(hidden);

            List<Finding> found = findings("transactions");
            assertThat(found)
                    .containsExactly(
                            Finding.remark(
                                    "transactions",
                                    "Role app may not see since when 1 transaction of other roles is open.",
                                    "With that it sees them all.",
                                    "GRANT pg_read_all_stats TO \"app\""));
            mend(found);
            assertThat(findings("transactions"))
                    .containsExactly(
                            Finding.warning(
                                    "transactions",
                                    "Backend "
                                            + pid
                                            + " (postgres) has had a transaction open for 0 minutes: a"
                                            + " new slot waits for it, and log is kept for it.",
                                    "If nobody needs it.",
                                    "SELECT pg_terminate_backend(" + pid + ")"));
        } finally {
            plant("REVOKE pg_read_all_stats FROM app");
        }
    }

    @Test
    void aTransactionThatWasPreparedAndForgotten() throws SQLException {
        plant(
                "create table booked (id int primary key)",
                "begin",
                "insert into booked values (1)",
                "prepare transaction 'it''s booked'");

        List<Finding> found = findings("prepared transactions");
        assertThat(found)
                .containsExactly(
                        Finding.warning(
                                "prepared transactions",
                                "Transaction it's booked was prepared 0 minutes ago and never ended: a new"
                                        + " slot waits for it, and log is kept for it.",
                                "If its coordinator is gone; COMMIT PREPARED is the other way.",
                                "ROLLBACK PREPARED 'it''s booked'"));
        mend(found);
        assertThat(findings("prepared transactions")).isEmpty();
        assertThat(server.query("app", "select count(*) from booked")).isEqualTo("0");
        plant("drop table booked");
    }

    private static void isForeign(String what) throws SQLException {
        List<Finding> found = findings("slot");
        assertThat(found)
                .containsExactly(
                        Finding.fault(
                                "slot",
                                "Slot wal_monitor " + what + ".",
                                "Or name another slot in the source's settings.",
                                "SELECT pg_drop_replication_slot('wal_monitor')"));
        mend(found);
        assertThat(findings("slot"))
                .containsExactly(
                        Finding.fault(
                                "slot",
                                "There is no slot wal_monitor, and manage is false.",
                                "",
                                "SELECT pg_create_logical_replication_slot('wal_monitor', 'pgoutput')"));
    }

    @Test
    void aSlotOfOurNameThatIsAnotherOnes() throws SQLException {
        plant("select pg_create_logical_replication_slot('wal_monitor', 'test_decoding')");
        isForeign("has the plugin test_decoding and not pgoutput");
        plant("select pg_create_physical_replication_slot('wal_monitor')");
        isForeign("is one for a standby");
        plant("select pg_create_logical_replication_slot('wal_monitor', 'pgoutput', false, true)");
        isForeign(
                "was made for two-phase commit, which delivers transactions that may never happen");
        String other = server.createDatabase("elsewhere");
        try (Connection elsewhere = server.open(DatabaseUrl.parse(other).database())) {
            run(elsewhere, "select pg_create_logical_replication_slot('wal_monitor', 'pgoutput')");
        }
        isForeign("belongs to database elsewhere and not to app");
        mend(findings("slot"));
        assertThat(findings("slot")).isEmpty();
    }

    @Test
    void aSlotOfSomebodyElseThatNobodyReadsFrom() throws SQLException {
        plant("select pg_create_logical_replication_slot('left_behind', 'pgoutput')");

        List<Finding> found = findings("slots");
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().sentence())
                .matches(
                        "Nobody reads from slot left_behind \\(reserved\\), for which the server keeps"
                                + " [0-9]+ (bytes|kB)\\.");
        assertThat(found)
                .containsExactly(
                        Finding.warning(
                                "slots",
                                found.getFirst().sentence(),
                                "If nobody needs it.",
                                "SELECT pg_drop_replication_slot('left_behind')"));
        mend(found);
        assertThat(findings("slots")).isEmpty();
    }

    @Test
    void aGeneratedColumnInAReplicaIdentity() throws SQLException {
        assumeTrue(version() >= GENERATED_COLUMNS);
        plant(
                "create table kept (id int primary key, a int, b int generated always as (a * 2) stored)",
                "create table worked_out (id int primary key, a int, b int generated always as (a * 2)"
                        + " virtual)",
                "insert into kept values (1, 1)",
                "insert into worked_out values (1, 1)",
                "alter table kept replica identity full",
                "alter table worked_out replica identity full",
                "create publication wal_monitor for table kept, worked_out with"
                        + " (publish_generated_columns = none)");
        for (String table : List.of("kept", "worked_out")) {
            assertThatThrownBy(() -> plant("update " + table + " set a = 2"))
                    .hasMessageContaining("cannot update table");
        }

        List<Finding> found = findings("identity");
        assertThat(found).containsExactlyInAnyOrder(generatedIn("kept"), generatedIn("worked_out"));
        mend(found);
        assertThat(findings("identity")).isEmpty();
        plant(
                "update kept set a = 2",
                "update worked_out set a = 2",
                "drop publication wal_monitor",
                "drop table kept, worked_out");
    }

    private static Finding generatedIn(String table) {
        return Finding.fault(
                "identity",
                "Table public."
                        + table
                        + " has generated columns in its replica identity (b) that are not published:"
                        + " that would make the application's own UPDATE and DELETE fail.",
                "Old values are then not sent.",
                "ALTER TABLE \"public\".\"" + table + "\" REPLICA IDENTITY DEFAULT");
    }

    @Test
    void standbysThatChangesMayOvertake() throws SQLException {
        plant("select pg_create_physical_replication_slot('standby', true)");
        server.stopFast();
        try (PostgresServer standby =
                server.copy(
                        "primary_conninfo = 'host=127.0.0.1 port="
                                + server.portNumber()
                                + " user=postgres password=postgres dbname=app'",
                        "primary_slot_name = 'standby'",
                        "hot_standby_feedback = on")) {
            server.restart();
            plant("select pg_create_logical_replication_slot('wal_monitor', 'pgoutput')");
            standby.becomeStandby();
            standby.restart();
            await().atMost(PATIENCE)
                    .until(() ->
                            "1"
                                    .equals(
                                            server.query(
                                                    "app",
                                                    "select count(*) from pg_replication_slots where active")));
            if (version() < FAILOVER_SLOTS) {
                assertThat(findings("fail-over"))
                        .containsExactly(
                                Finding.warning(
                                        "fail-over",
                                        "The server has standbys (standby), and before PostgreSQL 17 no"
                                                + " slot goes along with a fail-over.",
                                        "After one, what was not read is lost: reset the source then."));
            } else {
                overtaken();
            }
            standby.stopImmediately();
        }
    }

    private static void overtaken() throws SQLException {
        List<Finding> found = findings("fail-over");
        assertThat(found)
                .containsExactly(
                        Finding.warning(
                                "fail-over",
                                "Changes may be handled before the standbys (standby) have them, and be"
                                        + " undone by a fail-over.",
                                "The standbys need sync_replication_slots and hot_standby_feedback too.",
                                "ALTER SYSTEM SET synchronized_standby_slots = 'standby'",
                                "SELECT pg_reload_conf()"),
                        Finding.remark(
                                "fail-over",
                                "Slot wal_monitor does not go along with a fail-over.",
                                "Run ALTER_REPLICATION_SLOT \"wal_monitor\" (FAILOVER true) over a"
                                        + " replication connection."));
        try {
            mend(found);
            await().atMost(PATIENCE).until(() -> findings("fail-over").size() == 1);
            assertThat(findings("fail-over")).containsExactly(found.getLast());
            var done =
                    WireConnection.connect(
                                    Follower.VERTX, Follower.wire(DatabaseUrl.parse(server.url())))
                            .compose(connection ->
                                    connection
                                            .query(
                                                    "ALTER_REPLICATION_SLOT \"wal_monitor\" (FAILOVER"
                                                            + " true)")
                                            .eventually(connection::close))
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join();
            assertThat(done.rows()).isEmpty();
            assertThat(findings("fail-over")).isEmpty();
        } finally {
            plant("ALTER SYSTEM RESET synchronized_standby_slots", "SELECT pg_reload_conf()");
        }
    }

    @Test
    void f11_aLineForReplicationAloneInPgHba() throws Exception {
        Path hba = Path.of(String.valueOf(server.query("app", "show hba_file")));
        List<String> usual = Files.readAllLines(hba);
        List<String> strict =
                List.of(
                        "host all postgres 127.0.0.1/32 scram-sha-256",
                        "host replication app 127.0.0.1/32 scram-sha-256");
        try {
            reload(hba, strict);

            List<Finding> found = findings("pg_hba.conf");
            assertThat(found)
                    .containsExactly(
                            Finding.fault(
                                    "pg_hba.conf",
                                    "127.0.0.1:"
                                            + server.portNumber()
                                            + "/app: The server said: FATAL: no pg_hba.conf entry for host"
                                            + " \"127.0.0.1\", user \"app\", database \"app\", no"
                                            + " encryption (SQLSTATE 28000). A logical replication"
                                            + " connection is matched by its database, never by the word"
                                            + " \"replication\": pg_hba.conf needs a line such as"
                                            + " \"hostssl <database> <user> <address> scram-sha-256\".",
                                    "Add to pg_hba.conf a line for the database (a line for"
                                            + " \"replication\" is not for logical replication) and"
                                            + " reload: host \"app\" ROLE ADDRESS/32 scram-sha-256"));

            String line = found.getFirst().remedy().replaceFirst("^.*reload: ", "");
            reload(
                    hba,
                    List.of(
                            strict.getFirst(),
                            strict.getLast(),
                            line.replace("ROLE", "app").replace("ADDRESS", "127.0.0.1")));
            assertThat(findings("pg_hba.conf")).isEmpty();
            assertThat(findings("connection")).isEmpty();
        } finally {
            reload(hba, usual);
        }
    }

    /** The server reads it within a moment. */
    private static void reload(Path hba, List<String> lines) throws Exception {
        String before = server.query("app", "select pg_conf_load_time()");
        Files.write(hba, lines);
        server.execute("select pg_reload_conf()");
        await().atMost(PATIENCE)
                .until(() ->
                        !String.valueOf(before)
                                .equals(server.query("app", "select pg_conf_load_time()")));
    }
}
