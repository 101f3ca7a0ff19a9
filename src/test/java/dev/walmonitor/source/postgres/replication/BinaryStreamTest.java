package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.SourceState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Values that a real server sends in binary form, and types that come and go. */
@Tag("every-version")
class BinaryStreamTest {
    private static final StreamOptions BINARY = StreamOptions.DEFAULT.withBinary(true);

    private final SourceDatabase database = new SourceDatabase();

    @BeforeEach
    void table() throws SQLException {
        database.sql("create table t (id int primary key, at timestamptz, n numeric, tags text[])");
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private static Row row(Follower follower, int change) {
        return Objects.requireNonNull(follower.changes().get(change).row());
    }

    @Test
    void valuesAreTextAsEver() throws SQLException {
        try (Follower follower = database.follow(BINARY).awaitState(SourceState.STREAMING)) {
            database.sql(
                    "insert into t values (1, '2024-05-06 07:08:09.5+02', 1.50, '{a,\"b c\"}')");
            follower.awaitChanges(1);

            assertThat(row(follower, 0).values().stream().map(ColumnValue::textOrNull))
                    .containsExactly("1", "2024-05-06 05:08:09.5+00", "1.50", "{a,\"b c\"}");
        }
    }

    @Test
    void aTypeThatIsMadeMeanwhileIsLookedUpBeforeItsFirstValueIsTold() throws SQLException {
        try (Follower follower = database.follow(BINARY).awaitState(SourceState.STREAMING)) {
            database.sql(
                    "create type mood as enum ('sad', 'happy')",
                    "create domain moods as mood[]",
                    "alter table t add mood mood, add moods moods",
                    "insert into t values (1, null, null, null, 'happy', '{sad,happy}')",
                    "insert into t values (2)");
            follower.awaitChanges(2);

            assertThat(row(follower, 0).text("mood")).isEqualTo("happy");
            assertThat(row(follower, 0).text("moods")).isEqualTo("{sad,happy}");
            assertThat(follower.told()).containsExactly("INSERT public.t 1", "INSERT public.t 2");
            assertThat(follower.source.status().reconnects()).isZero();
        }
    }

    @Test
    void aTypeThatIsMadeInATransactionInProgressIsLookedUpAtItsCommit() throws SQLException {
        database.streamEarly();
        try (Follower follower =
                        database.follow(BINARY.withStreaming(true))
                                .awaitState(SourceState.STREAMING);
                Connection app = database.open()) {
            SourceDatabase.run(
                    app,
                    "begin",
                    "create type mood as enum ('sad', 'happy')",
                    "alter table t add mood mood",
                    "insert into t select i, null, null, null, 'happy' from generate_series(1, 10000) i",
                    "commit");
            database.sql("insert into t values (0)");
            follower.awaitChanges(10_001);

            assertThat(follower.changes().stream().limit(10_000))
                    .allMatch(c -> "happy".equals(Objects.requireNonNull(c.row()).text("mood")));
        }
    }

    @Test
    void f61_aTypeThatIsGoneIsNotAskedForAgainAndItsValuesStayBinary() throws SQLException {
        database.sql("create type mood as enum ('sad', 'happy')", "alter table t add mood mood");
        database.follow(BINARY).awaitState(SourceState.STREAMING).close();
        database.sql(
                "insert into t values (1, null, null, null, 'happy')",
                "alter table t drop mood",
                "drop type mood",
                "insert into t values (2)");
        try (Follower follower = database.follow(BINARY)) {
            follower.awaitChanges(2);

            assertThat(List.copyOf(row(follower, 0).values()).getLast())
                    .isEqualTo(new ColumnValue.Binary(new byte[] {'h', 'a', 'p', 'p', 'y'}));
            assertThat(follower.told()).containsExactly("INSERT public.t 1", "INSERT public.t 2");
        }
    }
}
