package dev.walmonitor.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.sink.sql.Queries.Mark;
import dev.walmonitor.sink.sql.Queries.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reads of a streaming replica: a commit counts as seen once it was replayed before the read. */
class ReplicaQueriesTest {
    private static final Query ROWS = Query.of("select id from t order by id");

    @Test
    void f63_aReplicaSeesACommitOnceItHasReplayedIt() {
        try (PostgresServer primary = PostgresServer.started()) {
            primary.execute("create table t (id int primary key); grant select on t to app");
            primary.stopFast();
            try (PostgresServer replica =
                    primary.copy(
                            "primary_conninfo = 'host=localhost port="
                                    + primary.portNumber()
                                    + " user=postgres password=postgres'")) {
                primary.restart();
                replica.becomeStandby();
                replica.restart();
                try (TestPool pool = TestPool.of(replica.url())) {
                    PgQueries queries =
                            new PgQueries(
                                    pool.pool(),
                                    "the replica",
                                    Duration.ofSeconds(10),
                                    PgQueries.Place.MAYBE_REPLICA);
                    replica.execute("select pg_wal_replay_pause()");
                    Mark mark = insert(primary, 1);
                    Snapshot before = read(queries, mark);
                    assertThat(before.json()).isEqualTo("[]");
                    assertThat(before.unseen()).containsExactly(mark);

                    replica.execute("select pg_wal_replay_resume()");
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> read(queries, mark).unseen().isEmpty());
                    Snapshot after = read(queries, mark);
                    assertThat(after.json()).isEqualTo("[{\"id\": 1}]");
                    assertThat(Objects.requireNonNull(after.replayed()))
                            .isGreaterThan(Objects.requireNonNull(before.replayed()));

                    replica.promote();
                    Snapshot promoted = read(queries, mark);
                    assertThat(promoted.replayed()).as("no replica any more").isNull();
                    assertThat(promoted.unseen()).isEmpty();
                }
            }
        }
    }

    /** A commit ends before the place at which the log ends after it. */
    private static Mark insert(PostgresServer server, int id) {
        String xid =
                server.query(
                        "app",
                        "with i as (insert into t values ("
                                + id
                                + ")) select pg_current_xact_id()::xid::text");
        String end = server.query("app", "select pg_current_wal_flush_lsn()");
        return new Mark(
                Integer.parseUnsignedInt(String.valueOf(xid)),
                Lsn.parse(String.valueOf(end)).number() - 1);
    }

    private static Snapshot read(PgQueries queries, Mark mark) {
        return queries.snapshot(ROWS, List.of(), Set.of(mark))
                .await()
                .atMost(Duration.ofSeconds(20));
    }
}
