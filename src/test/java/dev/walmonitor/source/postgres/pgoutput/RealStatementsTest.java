package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Begin;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Commit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Origin;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real server sends for what people do. */
@Tag("every-version")
class RealStatementsTest {

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "3", "4"})
    void f56_everyStatementUnderEveryReplicaIdentity(String version) throws SQLException {
        try (RealSlot slot =
                slot(
                        "CREATE TABLE by_key (id int PRIMARY KEY, name text)",
                        "CREATE TABLE by_index (id int PRIMARY KEY, mail text NOT NULL UNIQUE)",
                        "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_mail_key",
                        "CREATE TABLE whole (id int PRIMARY KEY, name text)",
                        "ALTER TABLE whole REPLICA IDENTITY FULL",
                        "CREATE TABLE nothing (id int PRIMARY KEY)",
                        "ALTER TABLE nothing REPLICA IDENTITY NOTHING")) {
            int server = Integer.parseInt(slot.query("SHOW server_version_num")) / 10_000;
            assumeTrue(Integer.parseInt(version) <= Math.min(server - 12, 4));
            for (String table : List.of("by_key", "by_index", "whole")) {
                slot.run(
                        "BEGIN",
                        "INSERT INTO %s VALUES (1, 'Ada')".formatted(table),
                        "UPDATE %s SET id = 2".formatted(table),
                        "UPDATE %s SET %s = 'Eva'"
                                .formatted(table, table.equals("by_index") ? "mail" : "name"),
                        "DELETE FROM %s".formatted(table),
                        "COMMIT");
            }
            slot.run("INSERT INTO nothing VALUES (1)");

            assertThat(transcript(slot, version))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.by_key DEFAULT: id* name",
                            "INSERT public.by_key: 1 Ada",
                            "UPDATE public.by_key: 1 - -> 2 Ada",
                            "UPDATE public.by_key: 2 Eva",
                            "DELETE public.by_key: 2 -",
                            "COMMIT",
                            "BEGIN",
                            "RELATION public.by_index INDEX: id mail*",
                            "INSERT public.by_index: 1 Ada",
                            "UPDATE public.by_index: 2 Ada",
                            "UPDATE public.by_index: - Ada -> 2 Eva",
                            "DELETE public.by_index: - Eva",
                            "COMMIT",
                            "BEGIN",
                            "RELATION public.whole FULL: id* name*",
                            "INSERT public.whole: 1 Ada",
                            "UPDATE public.whole: 1 Ada -> 2 Ada",
                            "UPDATE public.whole: 2 Ada -> 2 Eva",
                            "DELETE public.whole: 2 Eva",
                            "COMMIT",
                            "BEGIN",
                            "RELATION public.nothing NOTHING: id",
                            "INSERT public.nothing: 1",
                            "COMMIT");
        }
    }

    @Test
    void f55_largeValueThatDidNotChangeIsAbsentUnlessTheOldRowHasIt() throws SQLException {
        String columns = "(id int PRIMARY KEY, name text, bio text)";
        try (RealSlot slot =
                slot(
                        "CREATE TABLE t " + columns,
                        "ALTER TABLE t ALTER bio SET STORAGE EXTERNAL",
                        "CREATE TABLE whole " + columns,
                        "ALTER TABLE whole ALTER bio SET STORAGE EXTERNAL",
                        "ALTER TABLE whole REPLICA IDENTITY FULL",
                        "INSERT INTO t VALUES (1, null, repeat('x', 3000))",
                        "INSERT INTO whole VALUES (1, null, repeat('x', 3000))")) {
            slot.run("UPDATE t SET name = 'Ada'", "UPDATE t SET id = 2", "UPDATE whole SET id = 2");

            assertThat(transcript(slot, "1"))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.t DEFAULT: id* name bio",
                            "UPDATE public.t: 1 Ada -",
                            "COMMIT",
                            "BEGIN",
                            "UPDATE public.t: 1 - - -> 2 Ada -",
                            "COMMIT",
                            "BEGIN",
                            "RELATION public.whole FULL: id* name* bio*",
                            "UPDATE public.whole: 1 ~ 3000_letters -> 2 ~ 3000_letters",
                            "COMMIT");
        }
    }

    @Test
    void f55_largeKeyThatDidNotChangeIsSentWithTheOldRow() throws SQLException {
        try (RealSlot slot =
                slot(
                        "CREATE TABLE t (a text, b text, n int, PRIMARY KEY (a, b))",
                        "ALTER TABLE t ALTER a SET STORAGE EXTERNAL",
                        "INSERT INTO t VALUES (repeat('a', 2500), 'b', 1)")) {
            slot.run("UPDATE t SET n = 2", "UPDATE t SET b = 'c'");

            assertThat(transcript(slot, "1"))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.t DEFAULT: a* b* n",
                            "UPDATE public.t: 2500_letters b - -> 2500_letters b 2",
                            "COMMIT",
                            "BEGIN",
                            "UPDATE public.t: 2500_letters b - -> 2500_letters c 2",
                            "COMMIT");
        }
    }

    @Test
    void f64_truncateOfSeveralTablesTellsEach() throws SQLException {
        try (RealSlot slot =
                slot(
                        "CREATE TABLE a (id int PRIMARY KEY)",
                        "CREATE TABLE b (id int PRIMARY KEY REFERENCES a)")) {
            slot.run("TRUNCATE a CASCADE", "TRUNCATE b RESTART IDENTITY");

            assertThat(transcript(slot, "1"))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.a DEFAULT: id*",
                            "RELATION public.b DEFAULT: id*",
                            "TRUNCATE 0=public.a 1=public.b cascade",
                            "COMMIT",
                            "BEGIN",
                            "RELATION public.b DEFAULT: id*",
                            "TRUNCATE 0=public.b restart",
                            "COMMIT");
        }
    }

    @Test
    void f61_rowsFromBeforeAChangeOfTheTableKeepTheirShape() throws SQLException {
        try (RealSlot slot = slot("CREATE TABLE t (id int PRIMARY KEY, v varchar(9))")) {
            slot.run(
                    "INSERT INTO t VALUES (1, 'a')",
                    "ALTER TABLE t ADD w text DEFAULT 'new'",
                    "INSERT INTO t VALUES (2, 'b')",
                    "ALTER TABLE t DROP v",
                    "CREATE SCHEMA zz",
                    "ALTER TABLE t SET SCHEMA zz",
                    "ALTER TABLE zz.t RENAME TO u",
                    "INSERT INTO zz.u VALUES (3, 'c')",
                    "DROP TABLE zz.u");

            assertThat(transcript(slot, "1"))
                    .containsSubsequence(
                            "RELATION public.t DEFAULT: id* v",
                            "INSERT public.t: 1 a",
                            "RELATION public.t DEFAULT: id* v w",
                            "INSERT public.t: 2 b new",
                            "RELATION zz.u DEFAULT: id* w",
                            "INSERT zz.u: 3 c");
        }
    }

    @Test
    void f62_partitionsArriveAsTheirRoot() throws SQLException {
        try (RealSlot slot =
                slot(
                        "CREATE TABLE p (id int, r text, PRIMARY KEY (id, r)) PARTITION BY LIST (r)",
                        "CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a')",
                        "CREATE TABLE p_b PARTITION OF p FOR VALUES IN ('b')")) {
            slot.run("INSERT INTO p VALUES (1, 'a')", "UPDATE p SET r = 'b'");

            assertThat(transcript(slot, "1"))
                    .filteredOn(line -> !line.startsWith("RELATION"))
                    .containsExactly(
                            "BEGIN",
                            "INSERT public.p: 1 a",
                            "COMMIT",
                            "BEGIN",
                            "DELETE public.p: 1 a",
                            "INSERT public.p: 1 b",
                            "COMMIT");
        }
    }

    @Test
    void f66_messagesStandInTheirTransactionOrAlone() throws SQLException {
        try (RealSlot slot = slot("CREATE TABLE t (id int PRIMARY KEY)")) {
            slot.run(
                    "BEGIN",
                    "INSERT INTO t VALUES (1)",
                    "SELECT pg_logical_emit_message(true, 'mine', 'inside')",
                    "SELECT pg_logical_emit_message(false, 'other', 'alone')",
                    "COMMIT");

            assertThat(Transcript.of(slot.messages("proto_version", "1", "messages", "true")))
                    .containsExactly(
                            "MESSAGE alone other alone",
                            "BEGIN",
                            "RELATION public.t DEFAULT: id*",
                            "INSERT public.t: 1",
                            "MESSAGE mine inside",
                            "COMMIT");
        }
    }

    @Test
    void f66_originComesBeforeTheFirstChange() throws SQLException {
        try (RealSlot slot = slot("CREATE TABLE t (id int PRIMARY KEY)")) {
            slot.run(
                    "SELECT pg_replication_origin_create('elsewhere')",
                    "SELECT pg_replication_origin_session_setup('elsewhere')",
                    "BEGIN",
                    "SELECT pg_replication_origin_xact_setup('0/AABBCCDD', now())",
                    "INSERT INTO t VALUES (1)",
                    "COMMIT",
                    "SELECT pg_replication_origin_session_reset()");

            List<PgOutputMessage> messages = slot.messages("proto_version", "1");
            slot.run("SELECT pg_replication_origin_drop('elsewhere')");

            // PostgreSQL 14 tells of empty transactions, here of those that set the origin up
            int origin = messages.stream().map(Object::getClass).toList().indexOf(Origin.class);
            messages = messages.subList(origin - 1, origin + 4);
            assertThat(Transcript.of(messages))
                    .containsExactly(
                            "BEGIN",
                            "ORIGIN elsewhere",
                            "RELATION public.t DEFAULT: id*",
                            "INSERT public.t: 1",
                            "COMMIT");
            assertThat(messages.get(1)).isEqualTo(new Origin(Lsn.parse("0/AABBCCDD"), "elsewhere"));
        }
    }

    @Test
    void f33_rowsOfOneCopyFollowInOrderAndPositionsAreThoseOfTheServer() throws SQLException {
        Instant start = Instant.now();
        try (RealSlot slot = slot("CREATE TABLE t (id int PRIMARY KEY)")) {
            slot.run("BEGIN");
            String xid = slot.query("SELECT pg_current_xact_id()");
            slot.run("INSERT INTO t SELECT generate_series(1, 3)", "COMMIT");
            Lsn after = Lsn.parse(slot.query("SELECT pg_current_wal_insert_lsn()"));

            List<PgOutputMessage> messages = slot.messages("proto_version", "1");

            Begin begin = (Begin) messages.getFirst();
            Commit commit = (Commit) messages.getLast();
            assertThat(Integer.toUnsignedString(begin.xid())).isEqualTo(xid);
            assertThat(commit.commit()).isEqualTo(begin.commit());
            assertThat(commit.end()).isGreaterThan(commit.commit()).isLessThanOrEqualTo(after);
            assertThat(commit.time()).isEqualTo(begin.time());
            assertThat(begin.time())
                    .isBetween(start.minus(Duration.ofMinutes(1)), Instant.now().plusSeconds(60));
            assertThat(messages.subList(2, 5))
                    .extracting(m -> ((Insert) m).row().text("id"))
                    .containsExactly("1", "2", "3");
        }
    }

    @Test
    void binaryFormIsTakenWhereTheServerSendsIt() throws SQLException {
        try (RealSlot slot = slot("CREATE TABLE t (id int PRIMARY KEY, b bytea, s text)")) {
            slot.run("INSERT INTO t VALUES (258, '\\x00ff', 'ö')");

            assertThat(Transcript.of(slot.messages("proto_version", "1", "binary", "true")))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.t DEFAULT: id* b s",
                            "INSERT public.t: 0x00000102 0x00ff 0xc3b6",
                            "COMMIT");
        }
    }

    private static RealSlot slot(String... tables) throws SQLException {
        return new RealSlot(SharedServers.postgres(), tables);
    }

    private static List<String> transcript(RealSlot slot, String version) throws SQLException {
        return Transcript.of(slot.messages("proto_version", version));
    }
}
