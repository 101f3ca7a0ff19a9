package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that a real server sends while they are in progress. */
@Tag("every-version")
class StreamingTest {
    private static final long LIMIT = 1L << 30;

    @TempDir Path directory;

    private final SourceDatabase database = new SourceDatabase();

    @BeforeEach
    void table() throws SQLException {
        database.streamEarly();
        database.sql("create table t (id int primary key, v text)");
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private StreamOptions streaming() {
        return StreamOptions.DEFAULT.withStreaming(true).withSpill(directory, LIMIT);
    }

    private Follower streams() {
        return database.follow(streaming()).awaitState(SourceState.STREAMING);
    }

    private static String insert(int from, int to) {
        return "insert into t select i, repeat('x', 100) from generate_series("
                + from
                + ", "
                + to
                + ") i";
    }

    private static List<String> inserted(IntStream ids) {
        return ids.mapToObj(id -> "INSERT public.t " + id).toList();
    }

    /** Every file of this process that has no name any more. */
    private static long unlinkedFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(
                            fd -> {
                                try {
                                    String target = Files.readSymbolicLink(fd).toString();
                                    return target.contains(".spill")
                                            && target.endsWith("(deleted)");
                                } catch (IOException e) {
                                    return false;
                                }
                            })
                    .count();
        }
    }

    private static void awaitSpilling() {
        await().atMost(Duration.ofSeconds(10)).until(() -> unlinkedFiles() > 0);
    }

    private static void awaitNoFiles() {
        await().atMost(Duration.ofSeconds(10)).until(() -> unlinkedFiles() == 0);
    }

    @Test
    void f49_whatASavepointRolledBackIsNotTold() throws SQLException {
        try (Follower follower = streams()) {
            try (Connection app = database.open()) {
                SourceDatabase.run(
                        app,
                        "begin",
                        insert(1, 700),
                        "savepoint s",
                        insert(1001, 1800),
                        "rollback to s",
                        insert(2001, 2003),
                        "select pg_logical_emit_message(false, 'wal_monitor.alone', 'x')");
                awaitSpilling();
                assertThat(directory).isEmptyDirectory();
                SourceDatabase.run(app, "commit");
            }
            follower.awaitChanges(703);
            database.sql(insert(3000, 3000));
            follower.awaitChanges(704);

            List<String> expected =
                    inserted(
                            IntStream.concat(
                                    IntStream.rangeClosed(1, 700),
                                    IntStream.of(2001, 2002, 2003, 3000)));
            assertThat(follower.told()).isEqualTo(expected);
            assertThat(follower.changes().stream().map(RowChange::ordinal).limit(703))
                    .isEqualTo(IntStream.range(0, 703).boxed().toList());
            assertThat(alone(follower)).isEqualTo(1);
            assertThat(follower.source.status().reconnects()).isZero();
            awaitNoFiles();
        }
    }

    private static long alone(Follower follower) {
        return follower.events.stream()
                .filter(e -> e instanceof ChangeEvent.Message m && m.transaction() == null)
                .count();
    }

    @Test
    void f66_messagesWithinAStreamedTransactionAreTakenWithItsRowsAndOthersAtOnce()
            throws SQLException {
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(
                    app,
                    "begin",
                    "select pg_logical_emit_message(true, 'wal_monitor.first', 'x')",
                    insert(1, 700),
                    "select pg_logical_emit_message(true, 'other', 'x')",
                    "savepoint s",
                    insert(1001, 1400),
                    "select pg_logical_emit_message(true, 'wal_monitor.gone', 'x')",
                    insert(1401, 1800),
                    "rollback to s",
                    "select pg_logical_emit_message(false, 'wal_monitor.alone', 'x')");
            // a message that stands alone waits for the next flush of the log
            database.sql("select pg_logical_emit_message(true, 'other', 'x')");
            await().atMost(Duration.ofSeconds(10)).until(() -> alone(follower) == 1);
            assertThat(follower.changes()).isEmpty();
            SourceDatabase.run(
                    app,
                    insert(2001, 2001),
                    "select pg_logical_emit_message(true, 'wal_monitor.last', 'x')",
                    "commit");
            follower.awaitChanges(701);
            await().until(() -> messages(follower).size() == 3);

            assertThat(messages(follower))
                    .containsExactly("wal_monitor.alone", "wal_monitor.first", "wal_monitor.last");
            assertThat(follower.changes().getFirst().ordinal()).isEqualTo(1);
            assertThat(follower.changes().getLast().ordinal()).isEqualTo(702);
        }
    }

    @Test
    void aStreamedTransactionBelongsToTheTraceThatItNamesUnlessThatWasRolledBack()
            throws SQLException {
        String place = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        String gone = "00-11111111111111111111111111111111-2222222222222222-01";
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(
                    app,
                    "begin",
                    "savepoint s",
                    "select pg_logical_emit_message(true, 'wal_monitor.traceparent', '"
                            + gone
                            + "')",
                    "rollback to s",
                    "select pg_logical_emit_message(true, 'wal_monitor.traceparent', E'"
                            + place
                            + "\\nrojo=1')",
                    insert(1, 1500));
            awaitSpilling();
            SourceDatabase.run(app, "commit");
            database.sql(insert(2001, 2001));
            follower.awaitChanges(1501);

            assertThat(follower.changes().stream().limit(1500))
                    .allSatisfy(change ->
                            assertThat(change.transaction().trace())
                                    .isEqualTo(new TraceContext(place, "rojo=1")));
            assertThat(follower.changes().getLast().transaction().trace()).isNull();
            assertThat(
                            follower.registry
                                    .get("wal_monitor_trace_contexts")
                                    .tag("outcome", "taken")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }

    private static List<String> messages(Follower follower) {
        return follower.events.stream()
                .filter(ChangeEvent.Message.class::isInstance)
                .map(e -> ((ChangeEvent.Message) e).prefix())
                .toList();
    }

    @Test
    void transactionsInProgressInterleaveAndComeInTheOrderOfTheirCommits() throws SQLException {
        try (Follower follower = streams();
                Connection one = database.open();
                Connection two = database.open()) {
            SourceDatabase.run(one, "begin");
            SourceDatabase.run(two, "begin");
            for (int round = 0; round < 5; round++) {
                SourceDatabase.run(one, insert(round * 1000, round * 1000 + 699));
                SourceDatabase.run(two, insert(10_000 + round * 1000, 10_000 + round * 1000 + 699));
                database.sql(insert(20_000 + round, 20_000 + round));
            }
            awaitSpilling();
            SourceDatabase.run(two, "commit");
            SourceDatabase.run(one, "commit");
            follower.awaitChanges(7005);

            List<String> expected = new ArrayList<>(inserted(IntStream.range(20_000, 20_005)));
            for (int from : List.of(10_000, 0)) {
                for (int round = 0; round < 5; round++) {
                    int start = from + round * 1000;
                    expected.addAll(inserted(IntStream.range(start, start + 700)));
                }
            }
            assertThat(follower.told()).isEqualTo(expected);
            awaitNoFiles();
        }
    }

    @Test
    void aTransactionThatIsRolledBackLeavesNothing() throws SQLException {
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(app, "begin", insert(1, 2000));
            awaitSpilling();
            SourceDatabase.run(app, "rollback");
            awaitNoFiles();
            database.sql(insert(1, 1));
            follower.awaitChanges(1);

            assertThat(follower.told()).containsExactly("INSERT public.t 1");
            assertThat(follower.registry.find("wal_monitor_unexpected_messages").counter())
                    .isNull();
        }
    }

    @Test
    void f61_aColumnThatWasAddedAfterASavepointAndRolledBackIsForgotten() throws SQLException {
        try (Follower follower = streams()) {
            try (Connection app = database.open()) {
                SourceDatabase.run(
                        app,
                        "begin",
                        insert(1, 700),
                        "savepoint s",
                        "alter table t add column extra int default 7",
                        insert(1001, 1800),
                        "savepoint within",
                        insert(1801, 2000),
                        "release within",
                        "rollback to s",
                        insert(2001, 2700),
                        "commit");
            }
            database.sql("alter table t add column kept int default 8", insert(3000, 3000));
            follower.awaitChanges(1401);

            assertThat(columns(follower, 0)).containsExactly("id", "v");
            assertThat(columns(follower, 1399)).containsExactly("id", "v");
            assertThat(columns(follower, 1400)).containsExactly("id", "v", "kept");
            assertThat(Objects.requireNonNull(follower.changes().get(1400).row()).text("kept"))
                    .isEqualTo("8");
            assertThat(follower.source.status().reconnects()).isZero();
        }
    }

    @Test
    void f61_aColumnThatIsAddedInTheMiddleIsThereFromThenOn() throws SQLException {
        try (Follower follower = streams()) {
            try (Connection app = database.open()) {
                SourceDatabase.run(
                        app,
                        "begin",
                        insert(1, 700),
                        "savepoint s",
                        "alter table t add column kept int default 8",
                        insert(1001, 1700),
                        "release s",
                        insert(2001, 2700),
                        "commit");
            }
            database.sql(insert(3000, 3000));
            follower.awaitChanges(2101);

            assertThat(columns(follower, 699)).containsExactly("id", "v");
            assertThat(columns(follower, 700)).containsExactly("id", "v", "kept");
            assertThat(follower.changes().get(2100).relation())
                    .isSameAs(follower.changes().get(700).relation());
        }
    }

    @Test
    void whatTheServerCannotSendInProgressComesAtItsCommit() throws SQLException {
        try (Follower follower = streams()) {
            try (Connection app = database.open()) {
                SourceDatabase.run(
                        app,
                        "begin",
                        insert(1, 700),
                        "savepoint s",
                        "alter table t add column extra int default 7",
                        insert(1001, 1800),
                        "rollback to s",
                        insert(2001, 2700),
                        "alter table t add column kept int default 8",
                        insert(3001, 3700),
                        "commit");
            }
            follower.awaitChanges(2100);

            assertThat(columns(follower, 1399)).containsExactly("id", "v");
            assertThat(columns(follower, 1400)).containsExactly("id", "v", "kept");
            assertThat(follower.changes()).hasSize(2100);
        }
    }

    private static List<String> columns(Follower follower, int change) {
        return follower.changes().get(change).relation().columns().stream()
                .map(c -> c.name())
                .toList();
    }

    @Test
    void whatATableIsCalledNowIsNotUndoneByATransactionThatBeganBefore() throws SQLException {
        database.sql("create schema before", "create table before.u (id int primary key, v text)");
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(
                    app,
                    "begin",
                    "insert into before.u select i, repeat('x', 100) from generate_series(1, 2000) i");
            awaitSpilling();
            // takes no lock of the table
            database.sql("alter schema before rename to after");
            database.sql("insert into after.u values (3000, 'x')");
            follower.awaitChanges(1);
            SourceDatabase.run(app, "commit");
            follower.awaitChanges(2001);
            database.sql("insert into after.u values (3001, 'x')");
            follower.awaitChanges(2002);

            assertThat(follower.told().getFirst()).isEqualTo("INSERT after.u 3000");
            assertThat(follower.told().getLast()).isEqualTo("INSERT after.u 3001");
        }
    }

    @Test
    void f02_aStreamThatBreaksInTheMiddleIsSentAgainFromTheBeginning() throws SQLException {
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(app, "begin", insert(1, 2000));
            awaitSpilling();
            database.sql(insert(5000, 5000));
            follower.awaitChanges(1);
            database.terminateWalsender();
            await().until(() -> follower.source.status().reconnects() == 1);
            // the server sends nothing in progress before it has passed where the stream began
            SourceDatabase.run(app, insert(2001, 2010));
            database.sql(insert(5001, 5001));
            awaitSpilling();
            SourceDatabase.run(app, "commit");
            follower.awaitChanges(2012);

            assertThat(follower.told())
                    .isEqualTo(
                            inserted(
                                    IntStream.concat(
                                            IntStream.of(5000, 5001),
                                            IntStream.rangeClosed(1, 2010))));
            awaitNoFiles();
        }
    }

    @Test
    void f25_aTransactionInProgressDoesNotHoldTheSlotBack() throws SQLException {
        try (Follower follower = streams();
                Connection app = database.open()) {
            SourceDatabase.run(app, "begin", insert(1, 2000));
            awaitSpilling();
            database.sql(insert(5000, 5000));
            Lsn committed = Lsn.parse(database.query("select pg_current_wal_lsn()"));

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !committed.isAfter(database.confirmedFlush()));
            SourceDatabase.run(app, "commit");
            follower.awaitChanges(2001);
        }
    }

    @Test
    void f23_withoutDemandACommittedTransactionStaysInItsFileAndNothingAfterItIsConfirmed()
            throws SQLException, IOException {
        try (Follower follower = database.follow(streaming(), false);
                Connection app = database.open()) {
            follower.request(20);
            follower.awaitState(SourceState.STREAMING);
            SourceDatabase.run(app, "begin", insert(1, 150_000));
            awaitSpilling();
            Lsn before = Lsn.parse(database.query("select pg_current_wal_lsn()"));
            SourceDatabase.run(app, "commit");
            database.sql(insert(500_000, 500_000));
            // twice the server's wal_sender_timeout of 4 s, and nobody asks any more
            await().pollDelay(Duration.ofSeconds(9)).until(() -> true);
            assertThat(follower.changes()).hasSizeBetween(1, 20 * 4096);
            assertThat(unlinkedFiles()).isEqualTo(1);
            assertThat(database.confirmedFlush().isAfter(before)).isFalse();
            follower.request(Long.MAX_VALUE);
            follower.awaitChanges(150_001);

            assertThat(follower.told())
                    .isEqualTo(
                            inserted(
                                    IntStream.concat(
                                            IntStream.rangeClosed(1, 150_000),
                                            IntStream.of(500_000))));
            assertThat(follower.source.status().reconnects()).isZero();
            awaitNoFiles();
        }
    }

    @Test
    void beyondTheSpillLimitEachTransactionComesAtItsCommit() throws SQLException {
        StreamOptions small = streaming().withSpill(directory, 100_000);
        try (Follower follower = database.follow(small).awaitState(SourceState.STREAMING);
                Connection app = database.open()) {
            SourceDatabase.run(app, "begin", insert(1, 2000));
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> follower.source.status().reconnects() == 1);
            awaitNoFiles();
            SourceDatabase.run(app, insert(2001, 4000), "commit");
            follower.awaitChanges(4000);

            assertThat(follower.told()).isEqualTo(inserted(IntStream.rangeClosed(1, 4000)));
            awaitNoFiles();
            assertThat(
                            follower.registry
                                    .get("wal_monitor_reconnects")
                                    .tag("sqlstate", "spill-limit")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }

    /** What was read at once with the fault was not handed on yet, and comes again. */
    @Test
    void whatCameRightBeforeTheStreamFailedIsNotLost() throws SQLException {
        StreamOptions none = streaming().withSpill(directory, 200);
        try (Follower follower = database.follow(none, false);
                Connection app = database.open()) {
            follower.request(1);
            follower.awaitState(SourceState.STREAMING);
            for (int id = 1; id <= 9; id++) {
                database.sql(insert(id, id));
            }
            SourceDatabase.run(app, "begin", insert(10, 2000));
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            database.query(
                                            "select sent_lsn > '%s' from pg_stat_replication"
                                                    .formatted(database.confirmedFlush().text()))
                                    .equals("t"));
            follower.request(Long.MAX_VALUE);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> follower.source.status().reconnects() == 1);
            SourceDatabase.run(app, "commit");
            follower.awaitChanges(2000);

            assertThat(follower.told()).isEqualTo(inserted(IntStream.rangeClosed(1, 2000)));
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsToldBeforeTheStreamBegins() throws SQLException {
        Path missing = directory.resolve("missing");
        try (Follower follower =
                database.follow(streaming().withSpill(missing, LIMIT))
                        .awaitState(SourceState.FAILED)) {
            SourceFailure failure = Objects.requireNonNull(follower.source.status().failure());

            assertThat(failure.code()).isEqualTo("spill");
            assertThat(failure.sentence())
                    .startsWith("Transactions in progress cannot be kept in " + missing + " (")
                    .contains("NoSuchFileException");
            assertThat(failure.remedy())
                    .isEqualTo(
                            "Make room there, name another directory as spill.directory, or set streaming to"
                                    + " false; nothing is lost, the server sends them again.");
        }
    }

    @Test
    void f46_anAbortOfWhatWasNeverSentIsCounted() throws SQLException {
        try (Follower first = database.follow(StreamOptions.DEFAULT)) {
            first.awaitState(SourceState.STREAMING);
        }
        try (Connection app = database.open()) {
            SourceDatabase.run(
                    app,
                    "begin",
                    insert(1, 1),
                    "savepoint a",
                    insert(2, 11),
                    "release a",
                    insert(12, 9000),
                    "rollback");
        }
        database.sql(insert(1, 1));
        try (Follower follower = database.follow(StreamOptions.DEFAULT)) {
            follower.awaitChanges(1);

            assertThat(follower.told()).containsExactly("INSERT public.t 1");
            // other servers do not send it
            if (Integer.parseInt(database.query("show server_version_num")) >= 180_000) {
                assertThat(
                                follower.registry
                                        .get("wal_monitor_unexpected_messages")
                                        .tags("source", "main", "type", "A")
                                        .counter()
                                        .count())
                        .isPositive();
            }
            assertThat(follower.source.status().reconnects()).isZero();
        }
    }
}
