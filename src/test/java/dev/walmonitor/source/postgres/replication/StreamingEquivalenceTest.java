package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.source.SourceState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One random workload, told with transactions sent in progress and values in binary form, and
 * without: the same events with the same values, positions and ordinals. {@code -Dstreaming.seed}
 * repeats one, {@code -Dstreaming.steps} makes it longer.
 */
@Tag("every-version")
class StreamingEquivalenceTest {
    private static final int CLIENTS = 3;
    private static final int STEPS = Integer.getInteger("streaming.steps", 400);
    private static final long SEED =
            Long.getLong("streaming.seed", new SplittableRandom().nextLong());

    /** A session of the application, which writes to a table of its own and to a common one. */
    private static final class Client {
        private final Connection connection;
        private final Random random;
        private final String own;
        private final int base;
        private int next;
        private boolean open;
        private boolean altered;
        private int savepoints;

        Client(int number, Connection connection, Random random) {
            this.connection = connection;
            this.random = random;
            this.own = "own" + number;
            this.base = number * 1_000_000;
        }

        void step() throws SQLException {
            if (!open) {
                run("begin");
                open = true;
                altered = false;
                savepoints = 0;
            }
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> insert("common");
                case 3, 4, 5 -> insert(own);
                case 6 -> run("update common set v = v || 'u' where id between " + some());
                case 7 -> run("update " + own + " set id = -id where id between " + some());
                case 8 -> run("delete from " + own + " where id between " + some());
                case 9, 10 -> run("savepoint s" + ++savepoints);
                case 11, 12 -> end("rollback to s");
                case 13 -> end("release s");
                case 14 -> rare();
                default -> finish();
            }
        }

        private void rare() throws SQLException {
            switch (random.nextInt(4)) {
                case 0 -> alter("truncate " + own);
                case 1 -> alter("alter table " + own + " add column c" + next++ + " int default 3");
                case 2 -> message(false);
                default -> {
                    // behind a savepoint a server calls it a message of the whole transaction
                    if (savepoints == 0) {
                        message(true);
                    }
                }
            }
        }

        /** A second time in one transaction is more than servers can send in progress. */
        private void alter(String sql) throws SQLException {
            if (!altered) {
                altered = true;
                run(sql);
            }
        }

        private void message(boolean transactional) throws SQLException {
            run(
                    "select pg_logical_emit_message("
                            + transactional
                            + ", 'wal_monitor.x', '"
                            + next++
                            + "')");
        }

        private void insert(String table) throws SQLException {
            int count = 1 + random.nextInt(300);
            run(
                    "insert into %s (id, v) select i, repeat('x', 200) from generate_series(%d, %d) i"
                            .formatted(table, base + next, base + next + count - 1));
            next += count;
        }

        private String some() {
            int from = base + random.nextInt(next + 1);
            return from + " and " + (from + random.nextInt(200));
        }

        private void end(String how) throws SQLException {
            if (savepoints > 0) {
                int which = 1 + random.nextInt(savepoints);
                run(how + which);
                savepoints = which - 1;
            }
        }

        void finish() throws SQLException {
            if (open) {
                run(random.nextInt(4) == 0 ? "rollback" : "commit");
                open = false;
            }
        }

        private void run(String sql) throws SQLException {
            SourceDatabase.run(connection, sql);
        }
    }

    @Test
    void theSameIsToldInProgressAndAtTheCommit() throws SQLException {
        SourceDatabase database = new SourceDatabase();
        database.streamEarly();
        String columns = " (id int primary key, v text)";
        database.sql("create table common" + columns);
        for (int i = 0; i < CLIENTS; i++) {
            database.sql("create table own" + i + columns);
        }
        database.sql("alter table own1 replica identity full");
        try (Follower whole = database.follow(database.slot + "_1", StreamOptions.DEFAULT, true);
                Follower streamed =
                        database.follow(
                                database.slot + "_2",
                                StreamOptions.DEFAULT.withStreaming(true).withBinary(true),
                                true)) {
            whole.awaitState(SourceState.STREAMING);
            streamed.awaitState(SourceState.STREAMING);
            work(database);
            database.sql("insert into common values (-1, 'end')");
            awaitEnd(whole);
            awaitEnd(streamed);

            assertThat(lines(streamed)).as("seed %d", SEED).isEqualTo(lines(whole));
            assertThat(streamed.source.status().reconnects()).as("seed %d", SEED).isZero();
        }
        database.close();
    }

    private static void work(SourceDatabase database) throws SQLException {
        Random random = new Random(SEED);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client(i, database.open(), random));
        }
        for (int i = 0; i < STEPS; i++) {
            clients.get(random.nextInt(CLIENTS)).step();
        }
        for (Client client : clients) {
            client.finish();
            client.connection.close();
        }
    }

    private static void awaitEnd(Follower follower) {
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        follower.events.stream()
                                .anyMatch(e -> e instanceof RowChange c && isEnd(c.row())));
    }

    private static boolean isEnd(@Nullable Row row) {
        return row != null && "-1".equals(row.text("id"));
    }

    private static List<String> lines(Follower follower) {
        return follower.events.stream()
                .map(StreamingEquivalenceTest::line)
                .filter(l -> !l.isEmpty())
                .toList();
    }

    private static String line(ChangeEvent event) {
        return switch (event) {
            case RowChange c ->
                    c.operation()
                            + " "
                            + c.id()
                            + " "
                            + c.table()
                            + c.relation().columns().stream().map(Column::name).toList()
                            + " "
                            + values(c.before())
                            + " -> "
                            + values(c.after());
            case ChangeEvent.Begin b -> b.transaction().toString();
            case ChangeEvent.Commit c -> "commit " + c.transaction().commit() + " " + c.end();
            case ChangeEvent.Message m ->
                    "message " + m.position() + " " + (m.transaction() == null ? "" : "inside");
            case ChangeEvent.Progress p -> "";
            case ChangeEvent.Resumed r -> "";
            case ChangeEvent.Missed m -> "missed";
        };
    }

    private static String values(@Nullable Row row) {
        return row == null ? "none" : row.values().toString();
    }
}
