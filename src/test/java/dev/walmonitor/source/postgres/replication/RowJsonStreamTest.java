package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.json.RowJson;
import dev.walmonitor.handler.json.TypeShapes;
import dev.walmonitor.sink.sql.PgQueries;
import dev.walmonitor.sink.sql.TestPool;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.pgoutput.SpecialValues;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A row of a change as JSON, beside what the server makes of the row in the table. */
@Tag("every-version")
class RowJsonStreamTest {
    private static final Set<String> COMPOSITES = Set.of("pair", "nest", "pair[]");
    private static final List<String> NAMES =
            List.of("é", "zz", "ZZ", "a\"\"b", "🦉", "back\\slash", "a:*{} \r\n", "ü", "zzz");

    @ParameterizedTest(name = "binary {0}")
    @ValueSource(booleans = {false, true})
    void f54_aRowIsTheSameTextAsTheServersOwn(boolean binary) throws SQLException {
        SourceDatabase database = new SourceDatabase();
        database.sql(SpecialValues.TYPES.toArray(String[]::new));
        database.sql("create domain boxes as box[]", "create domain price as numeric(20, 2)");
        database.admin(
                "alter role app in database " + database.name + " set datestyle = 'SQL, DMY'",
                "alter role app in database " + database.name + " set intervalstyle = 'iso_8601'",
                "alter role app in database " + database.name + " set bytea_output = 'escape'",
                "alter role app in database " + database.name + " set timezone = 'Asia/Kolkata'");
        Map<String, List<String>> values =
                values(Integer.parseInt(database.query("show server_version_num")), binary);
        database.sql(table(values));
        List<String> inserts = inserts(values);
        try (Follower follower =
                        database.follow(StreamOptions.DEFAULT.withBinary(binary))
                                .awaitState(SourceState.STREAMING);
                TestPool pool = TestPool.of(database.url)) {
            database.sql(inserts.toArray(String[]::new));
            follower.awaitChanges(inserts.size());
            RowJson json = new RowJson(new TypeShapes(pool.queries()));
            RowChange first = follower.changes().getFirst();
            await().until(() -> rendered(json, first), shown -> !shown.equals("null"));

            assertThat(follower.changes().stream().map(c -> rendered(json, c)).toList())
                    .isEqualTo(stored(database));
        }
        database.close();
    }

    @Test
    void aCompositeIsNotRenderedUnlessItIsNull() throws SQLException {
        SourceDatabase database = new SourceDatabase();
        database.sql(
                "create type pair as (n int, s text)",
                "create table paired (id int primary key, p pair, many pair[])");
        try (Follower follower =
                        database.follow(StreamOptions.DEFAULT).awaitState(SourceState.STREAMING);
                TestPool pool = TestPool.of(database.url)) {
            database.sql(
                    "insert into paired values (1, null, '{}')",
                    "insert into paired values (2, '(1,a)', null)",
                    "insert into paired values (3, null, '{\"(1,a)\"}')");
            follower.awaitChanges(3);
            RowJson json = new RowJson(new TypeShapes(pool.queries()));
            RowChange first = follower.changes().getFirst();
            await().until(() -> rendered(json, first), shown -> !shown.equals("null"));

            assertThat(follower.changes().stream().map(c -> rendered(json, c)).toList())
                    .containsExactly("{\"p\": null, \"id\": 1, \"many\": []}", "null", "null");
        }
        database.close();
    }

    private static String rendered(RowJson json, RowChange change) {
        Row row = Objects.requireNonNull(change.row());
        return String.valueOf(json.render(row.relation(), row.values()));
    }

    private static Map<String, List<String>> values(int version, boolean binary) {
        Map<String, List<String>> values = new LinkedHashMap<>(SpecialValues.byType(version));
        values.keySet().removeAll(COMPOSITES);
        if (!binary) {
            values.put("money", List.of("-1234567.89", "0"));
            values.put("tsquery", List.of("'a b' & !c:*"));
        }
        values.put(
                "json ",
                List.of(
                        "{\"b\":1, \"aa\" : 2,\"é\":{\"\":[]},\"b\":[ ],\"c\":{ }}",
                        " [1e5,-0,-0.0,1.50e1,1E-5,0e10, 12345678901234567890.10] ",
                        "\"\\u00e9\\ud83d\\ude00\\n\\/\\b\\u001F\u007f\u2028\"",
                        "true"));
        values.put(
                "jsonb ",
                List.of(
                        "{\"b\":1e3, \"aa\":-0.00, \"é\":\"\\u00e9\\u0001\"}",
                        "\"x\"",
                        "1e-7",
                        "[[], {}]"));
        values.put(
                "json[]",
                List.of("{\"{\\\"b\\\":1,\\\"a\\\":[2 , 3]}\",NULL,\"null\",\"\\\"NULL\\\"\"}"));
        values.put("float8[]", List.of("{NaN,-0,1e23,5e-324,NULL}"));
        values.put("timestamp[]", List.of("{infinity,\"0044-03-15 12:00:00.5 BC\"}"));
        values.put("bool[]", List.of("{{t,f},{NULL,t}}"));
        values.put("int2vector[]", List.of("{\"1 2\",\"\"}"));
        values.put("words[]", List.of("{\"{a,\\\"b c\\\",NULL}\",NULL}"));
        values.put("boxes[]", List.of("{\"{(3,4),(1,2);(7,8),(5,6)}\";NULL}"));
        values.put("price[]", List.of("{1.5,NaN,NULL}"));
        values.put("char(3)[]", List.of("{a,\"b \"}"));
        values.put(
                "text ",
                List.of(
                        ":*{}?%25 \r\n\t\b\f\u0001\u001f\u007f\u0080\ufffd🦉\u2028\\\"'/",
                        "{\"not\": json}", "\\u0000"));
        return values;
    }

    private static String table(Map<String, List<String>> values) {
        StringBuilder columns = new StringBuilder("id int primary key");
        int n = 0;
        for (String type : values.keySet()) {
            String name = n < NAMES.size() ? NAMES.get(n) : "c" + n;
            columns.append(", \"").append(name).append("\" ").append(type);
            n++;
        }
        return "create table wide (" + columns + ")";
    }

    /** The first row has the first value of each type, and so on; at last a very large one. */
    private static List<String> inserts(Map<String, List<String>> values) {
        int rows = values.values().stream().mapToInt(List::size).max().orElseThrow();
        List<String> inserts = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            StringBuilder insert = new StringBuilder("insert into wide values (" + row);
            for (List<String> of : values.values()) {
                insert.append(", ");
                insert.append(
                        row < of.size() ? "'" + of.get(row).replace("'", "''") + "'" : "null");
            }
            inserts.add(insert.append(')').toString());
        }
        int text = 1 + List.copyOf(values.keySet()).indexOf("text ");
        inserts.add(
                "insert into wide select "
                        + rows
                        + ", null".repeat(text - 1)
                        + ", repeat(E'ten \\\"M\\r\\n\\u0001🦉', 800000)");
        return inserts;
    }

    private static List<String> stored(SourceDatabase database) throws SQLException {
        List<String> stored = new ArrayList<>();
        try (Connection connection = database.open();
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> setting : PgQueries.SESSION.entrySet()) {
                statement.execute("set " + setting.getKey() + " = '" + setting.getValue() + "'");
            }
            try (ResultSet rows =
                    statement.executeQuery("select to_jsonb(t)::text from wide t order by id")) {
                while (rows.next()) {
                    stored.add(rows.getString(1));
                }
            }
        }
        return stored;
    }
}
