package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Finding.Severity;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.Upkeep;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Faults that were planted on a real server are found, and what is said to mend them does. */
class ExaminationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<String> WATCHED =
            Set.of("no_key", "filtered", "left_out", "parent", "big");
    private static final Interest INTEREST =
            (relation, operation) -> WATCHED.contains(relation.table().name());

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server =
                PostgresServer.builder()
                        .setting("wal_level", "replica")
                        .setting("max_wal_senders", "0")
                        .setting("max_replication_slots", "1")
                        .setting("idle_replication_slot_timeout", "60min")
                        .start();
    }

    @AfterAll
    static void stop() {
        server.stopImmediately();
    }

    @AfterEach
    void dropAll() {
        server.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
    }

    private static Upkeep upkeep(String url, boolean manage) {
        SlotOptions like = Follower.options("wal_monitor");
        SlotOptions options =
                new SlotOptions(
                        "wal_monitor",
                        "wal_monitor",
                        manage,
                        like.walSenderTimeout(),
                        like.heartbeatInterval());
        return new PostgresUpkeep(
                "main", Follower.wire(DatabaseUrl.parse(url)), options, Follower.VERTX);
    }

    private static List<Finding> findings(Upkeep upkeep) {
        return upkeep.examine(INTEREST).await().atMost(PATIENCE);
    }

    private static List<String> about(List<Finding> findings, Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .map(finding -> finding.about() + ": " + finding.sentence())
                .toList();
    }

    /** Runs what mends them; what cannot run yet is found again. */
    private static void mend(String database, List<Finding> findings) throws SQLException {
        try (Connection connection = server.open(database);
                Statement statement = connection.createStatement()) {
            for (Finding finding : findings) {
                for (String sql : finding.statements()) {
                    if (!sql.contains("pg_create_logical_replication_slot")
                            || "logical".equals(server.query(database, "show wal_level"))) {
                        statement.execute(sql);
                    }
                }
            }
        }
    }

    private static void plant(String database, String... statements) throws SQLException {
        try (Connection connection = server.open(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void whatIsPlantedIsFoundAndWhatIsSaidMendsIt() throws SQLException {
        plant(
                "app",
                "select pg_create_physical_replication_slot('left_behind', true)",
                "create role watch login password 'watch'",
                "create database planted");
        plant(
                "planted",
                "create table no_key (v text)",
                "create table filtered (id int primary key, v text)",
                "create table left_out (id int primary key)",
                "create table parent (id int primary key, v text) partition by range (id)",
                "create table part partition of parent default",
                "alter table parent replica identity full",
                "create table big (id int primary key, v text)",
                "alter table big alter v set storage external",
                "insert into big select 1, string_agg(md5(i::text), '') from generate_series(1, 1000) i",
                "create table other (id int)",
                "create publication wal_monitor for table no_key, filtered where (id > 10), parent, big"
                        + " with (publish = 'insert, update', publish_via_partition_root = true)");
        Upkeep upkeep = upkeep(server.url("planted").replace("app:app", "watch:watch"), false);

        List<Finding> found = findings(upkeep);

        assertThat(about(found, Severity.FAULT))
                .containsExactlyInAnyOrder(
                        "wal_level: The server writes its log with wal_level=replica, which holds no"
                                + " row changes.",
                        "max_replication_slots: All 1 replication slots of the server are in use.",
                        "max_wal_senders: The server lets 0 streams run, and 0 do.",
                        "role: Role watch may not read the log.",
                        "rights: Role watch may make no publication and no schema in database"
                                + " planted.",
                        "slot: There is no slot wal_monitor, and manage is false.",
                        "publication: Publication wal_monitor does not publish delete, truncate,"
                                + " which rules want.",
                        "publication: Publication wal_monitor has a row filter for public.filtered:"
                                + " changes of the rows that it keeps back do not come.",
                        "publication: Table public.left_out is wanted by a rule, and publication"
                                + " wal_monitor does not give its changes.",
                        "identity: Table public.no_key is in publication wal_monitor and has neither"
                                + " a primary key nor a replica identity: the application's own UPDATE"
                                + " and DELETE of it fail.",
                        "partitions: Partition public.part has another replica identity than"
                                + " public.parent, as which it is published: what it does not send of"
                                + " an old row would be taken for NULL.");
        assertThat(about(found, Severity.WARNING))
                .contains(
                        "max_slot_wal_keep_size: A slot that nobody reads from keeps log without"
                                + " limit, until the server's disk is full.",
                        "idle_replication_slot_timeout: A slot that is not read from for 1h is given"
                                + " up, and with it what was not read.",
                        "large values: An UPDATE of table public.big does not send large values that"
                                + " it leaves as they are (columns v): what needs them reads the row"
                                + " again.",
                        "rights: Role watch may not read table public.big, as caches and conditions"
                                + " that read a row again have to.")
                .anyMatch(sentence ->
                        sentence.startsWith("slots: Nobody reads from slot left_behind"));

        mend("planted", found);
        server.stopFast();
        server.restart();
        List<Finding> rest = findings(upkeep);
        assertThat(rest)
                .containsExactly(
                        Finding.fault(
                                "slot",
                                "There is no slot wal_monitor, and manage is false.",
                                "",
                                "SELECT pg_create_logical_replication_slot('wal_monitor',"
                                        + " 'pgoutput')"));
        mend("planted", rest);
        assertThat(about(findings(upkeep), Severity.FAULT)).isEmpty();
        assertThat(about(findings(upkeep), Severity.WARNING)).isEmpty();

        setupDropAndReset();
    }

    /** On the server as it was mended. */
    private void setupDropAndReset() throws SQLException {
        plant(
                "app",
                "select pg_drop_replication_slot('wal_monitor')",
                "create table filtered (id int primary key)",
                "alter table filtered owner to app",
                "create table no_key (id int)",
                "create table left_out (id int primary key)");
        Upkeep upkeep = upkeep(server.url(), true);

        assertThat(about(findings(upkeep), Severity.FAULT))
                .containsExactlyInAnyOrder(
                        "rights: Role app may not publish table public.left_out, which belongs to"
                                + " postgres.",
                        "rights: Role app may not publish table public.no_key, which belongs to"
                                + " postgres.",
                        "identity: Table public.no_key has no primary key and no replica identity, so"
                                + " it is not published: that would make the application's own UPDATE"
                                + " and DELETE fail.");
        plant("app", "drop table left_out", "drop table no_key");

        List<Upkeep.Step> dry = upkeep.setup(INTEREST, true).await().atMost(PATIENCE);
        assertThat(dry)
                .containsExactly(
                        new Upkeep.Step(
                                "Publication wal_monitor is made.",
                                List.of(
                                        "CREATE PUBLICATION \"wal_monitor\" FOR TABLE"
                                                + " \"public\".\"filtered\" WITH"
                                                + " (publish_via_partition_root = true,"
                                                + " publish_generated_columns = stored)")),
                        new Upkeep.Step(
                                "Slot wal_monitor is made.",
                                List.of(
                                        "SELECT pg_create_logical_replication_slot('wal_monitor',"
                                                + " 'pgoutput', false, false, true)")));
        assertThat(server.query("app", "select count(*) from pg_publication")).isEqualTo("0");
        assertThat(upkeep.setup(INTEREST, false).await().atMost(PATIENCE)).isEqualTo(dry);
        assertThat(upkeep.setup(INTEREST, false).await().atMost(PATIENCE))
                .containsExactly(
                        new Upkeep.Step(
                                "Publication wal_monitor is as the rules need it.", List.of()),
                        new Upkeep.Step("Slot wal_monitor is there.", List.of()));
        assertThat(findings(upkeep)).isEmpty();

        String before = server.query("app", "select confirmed_flush_lsn from pg_replication_slots");
        Upkeep.Anew anew = upkeep.reset(INTEREST).await().atMost(PATIENCE);
        assertThat(anew.from().text()).isNotEqualTo(before);
        assertThat(anew.timeline()).isEqualTo(1);
        assertThat(anew.steps().stream().map(Upkeep.Step::sentence))
                .containsExactly(
                        "Slot wal_monitor is dropped.",
                        "Publication wal_monitor is as the rules need it.",
                        "Slot wal_monitor is made.");

        refusedWhileActive(upkeep);

        assertThat(upkeep.drop(false).await().atMost(PATIENCE).stream().map(Upkeep.Step::sentence))
                .containsExactly(
                        "Slot wal_monitor is dropped.", "Publication wal_monitor is dropped.");
        assertThat(upkeep.drop(false).await().atMost(PATIENCE).stream().map(Upkeep.Step::sentence))
                .containsExactly(
                        "Slot wal_monitor is not there.", "Publication wal_monitor is not there.");
        unreachable();
    }

    private static void refusedWhileActive(Upkeep upkeep) {
        try (Follower follower =
                Follower.of(server.url(), "wal_monitor")
                        .awaitState(dev.walmonitor.source.SourceState.STREAMING)) {
            assertThat(follower.changes()).isEmpty();
            for (var refused : List.of(upkeep.drop(false), upkeep.reset(INTEREST))) {
                assertThat(
                                refused.onItem()
                                        .transform(done -> "done")
                                        .onFailure(SourceException.class)
                                        .recoverWithItem(Throwable::getMessage)
                                        .await()
                                        .atMost(PATIENCE))
                        .matches(
                                "Slot wal_monitor is active: backend \\d+ reads from it. Stop every"
                                        + " instance that reads from it first\\.");
            }
            assertThat(upkeep.setup(INTEREST, false).await().atMost(PATIENCE).getLast().sentence())
                    .isEqualTo("Slot wal_monitor is there.");
        }
    }

    private static void unreachable() {
        List<Finding> wrong = findings(upkeep(server.url().replace("app:app", "app:wrong"), true));
        assertThat(wrong).hasSize(1);
        assertThat(wrong.getFirst().severity()).isEqualTo(Severity.FAULT);
        assertThat(wrong.getFirst().remedy())
                .isEqualTo("Check user and password of the source's URL (DATABASE_URL).");
    }
}
