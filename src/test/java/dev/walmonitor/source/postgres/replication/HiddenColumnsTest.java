package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.ColumnPolicy.Treatment;
import dev.walmonitor.source.SourceState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns that are dropped, masked and hashed, of rows as a real server sends them. */
@Tag("every-version")
class HiddenColumnsTest {
    private static final ColumnPolicy POLICY =
            new ColumnPolicy(
                    Map.of(
                            "public.users",
                            Map.of(
                                    "password", Treatment.DROP,
                                    "email", Treatment.MASK,
                                    "age", Treatment.MASK,
                                    "phone", Treatment.HASH)),
                    Optional.empty());
    private static final String HASH = POLICY.hash("555-s3cret");

    private final SourceDatabase database = new SourceDatabase();

    @BeforeEach
    void table() throws SQLException {
        database.sql(
                "create table users (password text, id int primary key, age int, email text,"
                        + " phone text, name text)",
                "alter table users alter phone set storage external");
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private static List<@Nullable String> shown(@Nullable Row row) {
        List<@Nullable String> texts = new ArrayList<>();
        Objects.requireNonNull(row).values().forEach(value -> texts.add(value.textOrNull()));
        return texts;
    }

    @ParameterizedTest
    @CsvSource({"false,false", "true,false", "true,true"})
    void nothingBehindTheSourceSeesThem(boolean binary, boolean streaming) throws SQLException {
        StreamOptions stream =
                StreamOptions.DEFAULT
                        .withBinary(binary)
                        .withStreaming(streaming)
                        .withColumns(POLICY);
        database.sql("alter table users replica identity full");
        try (Follower follower = database.follow(stream).awaitState(SourceState.STREAMING)) {
            database.sql(
                    "insert into users values ('s3cret', 1, 44, 's3cret@x', '555-s3cret', 'Anna')",
                    "insert into users values (null, 2, null, null, null, null)",
                    "update users set email = 's3cret@y', name = 'Berta' where id = 1",
                    "delete from users where id = 1");
            follower.awaitChanges(4);
            List<RowChange> changes = follower.changes();

            assertThat(changes.getFirst().relation().columns())
                    .extracting(Column::name)
                    .containsExactly("id", "age", "email", "phone", "name");
            assertThat(changes.getFirst().relation().keyNames()).containsExactly("id");
            assertThat(shown(changes.get(0).after()))
                    .containsExactly("1", "***", "***", HASH, "Anna");
            assertThat(shown(changes.get(1).after())).containsExactly("2", null, null, null, null);
            assertThat(shown(changes.get(2).before()))
                    .containsExactly("1", "***", "***", HASH, "Anna");
            assertThat(shown(changes.get(2).after()))
                    .containsExactly("1", "***", "***", HASH, "Berta");
            assertThat(shown(changes.get(3).before()))
                    .containsExactly("1", "***", "***", HASH, "Berta");
            assertThat(changes.get(2).changes()).containsOnlyKeys("name");
            assertThat(Objects.requireNonNull(changes.get(0).after()).hash(List.of(0, 3)))
                    .isEqualTo(Objects.requireNonNull(changes.get(2).after()).hash(List.of(0, 3)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasNotSentStaysAbsent(boolean binary) throws SQLException {
        StreamOptions stream = StreamOptions.DEFAULT.withBinary(binary).withColumns(POLICY);
        try (Follower follower = database.follow(stream).awaitState(SourceState.STREAMING)) {
            database.sql(
                    "insert into users values ('p', 1, 1, 'e', repeat('x', 5000), 'a')",
                    "update users set name = 'b' where id = 1",
                    "update users set id = 3 where id = 1",
                    "delete from users where id = 3");
            follower.awaitChanges(4);
            List<RowChange> changes = follower.changes();

            Row after = Objects.requireNonNull(changes.get(1).after());
            assertThat(after.value("phone")).isEqualTo(ColumnValue.Absent.ABSENT);
            assertThat(after.text("email")).isEqualTo("***");
            Row old = Objects.requireNonNull(changes.get(2).before());
            assertThat(old.values())
                    .containsExactly(
                            new ColumnValue.Text("1"),
                            ColumnValue.Absent.ABSENT,
                            ColumnValue.Absent.ABSENT,
                            ColumnValue.Absent.ABSENT,
                            ColumnValue.Absent.ABSENT);
            assertThat(old.has(List.of(0))).isTrue();
            assertThat(old.has(List.of(2))).isFalse();
            assertThat(Objects.requireNonNull(changes.get(3).before()).text("id")).isEqualTo("3");
        }
    }
}
