package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.pgoutput.SpecialValues;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Values at the edges of their types from a table to a handler, though the role prefers other
 * formats: as the server itself casts them to text.
 */
@Tag("every-version")
class SpecialValuesTest {

    @ParameterizedTest(name = "binary {0}")
    @ValueSource(booleans = {false, true})
    void f54_everyValueComesThroughAsTheServerWritesIt(boolean binary) throws SQLException {
        SourceDatabase database = new SourceDatabase();
        database.sql(SpecialValues.TYPES.toArray(String[]::new));
        database.admin(
                "alter role app in database " + database.name + " set datestyle = 'SQL, DMY'",
                "alter role app in database " + database.name + " set intervalstyle = 'iso_8601'",
                "alter role app in database " + database.name + " set bytea_output = 'escape'",
                "alter role app in database " + database.name + " set timezone = 'Asia/Kolkata'",
                "alter role app in database " + database.name + " set extra_float_digits = 0");
        List<String> inserts = new ArrayList<>();
        int tables = 0;
        for (Map.Entry<String, List<String>> of :
                SpecialValues.byType(Integer.parseInt(database.query("show server_version_num")))
                        .entrySet()) {
            String table = "v" + tables++;
            database.sql("create table " + table + " (id int primary key, c " + of.getKey() + ")");
            int id = 0;
            for (String literal : of.getValue()) {
                inserts.add(
                        "insert into %s values (%d, '%s')"
                                .formatted(table, id++, literal.replace("'", "''")));
            }
        }
        try (Follower follower =
                database.follow(StreamOptions.DEFAULT.withBinary(binary))
                        .awaitState(SourceState.STREAMING)) {
            database.sql(inserts.toArray(String[]::new));
            follower.awaitChanges(inserts.size());

            List<@Nullable String> told = new ArrayList<>();
            follower.changes()
                    .forEach(c -> {
                        ColumnValue value = Objects.requireNonNull(c.row()).value("c");
                        assertThat(value).isInstanceOf(ColumnValue.Text.class);
                        told.add(value.textOrNull());
                    });
            assertThat(told).isEqualTo(stored(database, tables));
        }
        database.close();
    }

    private static List<String> stored(SourceDatabase database, int tables) throws SQLException {
        List<String> stored = new ArrayList<>();
        try (Connection connection = database.open();
                Statement statement = connection.createStatement()) {
            SourceDatabase.run(
                    connection,
                    "set datestyle = 'ISO'",
                    "set intervalstyle = 'postgres'",
                    "set bytea_output = 'hex'",
                    "set timezone = 'UTC'",
                    "set extra_float_digits = 3");
            for (int table = 0; table < tables; table++) {
                try (ResultSet rows =
                        statement.executeQuery(
                                "select format('%s', c) from v" + table + " order by id")) {
                    while (rows.next()) {
                        stored.add(rows.getString(1));
                    }
                }
            }
        }
        return stored;
    }
}
