package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Counted;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamAbort;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStart;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transactions too large for the server's memory, and prepared ones, from a real server. */
class RealStreamingTest {
    private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text)";

    @ParameterizedTest
    @CsvSource({"2, on", "3, on", "4, on", "4, parallel"})
    void f49_rowsOfARolledBackSavepointAreNamedBySubTransaction(String version, String streaming)
            throws SQLException {
        try (RealSlot slot = new RealSlot(SharedServers.postgres(), TABLE)) {
            slot.run(
                    "BEGIN",
                    "SELECT pg_logical_emit_message(true, 'mine', 'inside')",
                    insert(1, 700),
                    "SAVEPOINT s",
                    insert(1001, 1800),
                    "ROLLBACK TO s",
                    insert(2001, 2003),
                    "COMMIT");

            List<PgOutputMessage> messages =
                    slot.messages(
                            "proto_version", version, "streaming", streaming, "messages", "true");

            assertThat(outline(messages))
                    .startsWith(
                            "STREAM START first", "MESSAGE mine inside", "INSERT", "STREAM STOP")
                    .contains(
                            streaming.equals("parallel")
                                    ? "STREAM ABORT part parallel"
                                    : "STREAM ABORT part")
                    .contains("STREAM START")
                    .endsWith("INSERT", "STREAM STOP", "STREAM COMMIT");
            assertThat(ids(withoutAborted(messages)))
                    .hasSize(703)
                    .contains("1", "700", "2001", "2003")
                    .doesNotContain("1001", "1800");
        }
    }

    @Test
    void f46_abortOfALargeTransactionIsNoMatterToProtocol1() throws SQLException {
        try (RealSlot slot = new RealSlot(SharedServers.postgres(), TABLE)) {
            slot.run(
                    "BEGIN",
                    insert(1, 1),
                    "SAVEPOINT a",
                    insert(2, 11),
                    "RELEASE a",
                    insert(12, 9000),
                    "ROLLBACK",
                    insert(1, 1));

            List<String> lines =
                    Transcript.of(slot.messages("proto_version", "1", "streaming", "off"));

            assertThat(lines)
                    .filteredOn(line -> !line.startsWith("STREAM ABORT"))
                    .containsExactly(
                            "BEGIN",
                            "RELATION public.t DEFAULT: id* v",
                            "INSERT public.t: 1 100_letters",
                            "COMMIT");
            assertThat(lines).hasSizeGreaterThan(4);
        }
    }

    @Test
    void f51_preparedTransactionsArriveWhole() throws SQLException {
        try (PostgresServer server =
                        PostgresServer.builder().setting("max_prepared_transactions", "5").start();
                RealSlot slot = new RealSlot(server, true, TABLE)) {
            slot.run("BEGIN", insert(1, 1), "PREPARE TRANSACTION 'one'", "COMMIT PREPARED 'one'");
            slot.run("BEGIN", insert(2, 2), "PREPARE TRANSACTION 'two'", "ROLLBACK PREPARED 'two'");
            slot.run("BEGIN", insert(3, 2000), "PREPARE TRANSACTION 'large'");
            slot.run("COMMIT PREPARED 'large'");

            assertThat(prepared(slot, "off"))
                    .containsExactly(
                            "BEGIN PREPARE one",
                            "INSERT",
                            "PREPARE one",
                            "COMMIT PREPARED one",
                            "BEGIN PREPARE two",
                            "INSERT",
                            "PREPARE two",
                            "ROLLBACK PREPARED two",
                            "BEGIN PREPARE large",
                            "INSERT",
                            "PREPARE large",
                            "COMMIT PREPARED large");
            assertThat(prepared(slot, "on"))
                    .endsWith("STREAM STOP", "STREAM PREPARE large", "COMMIT PREPARED large")
                    .startsWith("BEGIN PREPARE one", "INSERT", "PREPARE one");
        }
    }

    private static List<String> prepared(RealSlot slot, String streaming) throws SQLException {
        return outline(
                slot.messages("proto_version", "4", "two_phase", "true", "streaming", streaming));
    }

    /** Inserts in a row are one line, and tables are not told. */
    private static List<String> outline(List<PgOutputMessage> messages) {
        List<String> lines = new ArrayList<>();
        for (String line : Transcript.of(messages)) {
            String kind = line.startsWith("INSERT") ? "INSERT" : line;
            boolean repeated = kind.equals("INSERT") && lines.getLast().equals("INSERT");
            if (!repeated && !kind.startsWith("RELATION")) {
                lines.add(kind);
            }
        }
        return lines;
    }

    private static String insert(int from, int to) {
        return "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(%d, %d) i"
                .formatted(from, to);
    }

    /** What is left of a streamed transaction when its aborts are honoured. */
    private static List<PgOutputMessage> withoutAborted(List<PgOutputMessage> messages) {
        List<PgOutputMessage> left = new ArrayList<>();
        for (PgOutputMessage message : messages) {
            if (message instanceof StreamAbort abort) {
                left.removeIf(m -> m instanceof Counted c && c.subXid() == abort.subXid());
            }
            left.add(message);
        }
        assertThat(messages.stream().filter(StreamStart.class::isInstance)).hasSizeGreaterThan(1);
        return left;
    }

    private static List<String> ids(List<PgOutputMessage> messages) {
        return messages.stream()
                .filter(Insert.class::isInstance)
                .map(m -> String.valueOf(((Insert) m).row().text("id")))
                .toList();
    }
}
