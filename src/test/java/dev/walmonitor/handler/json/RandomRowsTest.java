package dev.walmonitor.handler.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.sql.PgQueries;
import dev.walmonitor.sink.sql.TestPool;
import dev.walmonitor.source.DatabaseUrl;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random values, rendered from their text and by the server. {@code -Djson.rows} is the number of
 * rows, {@code -Djson.seed} repeats a run.
 */
@Tag("every-version")
class RandomRowsTest {
    private static final String SIGNS =
            "\t\n\r\u0001\u001f\"\\/'{}[](),:;* %NULLnull019aZéß🦉\u2028\u007f";
    private static final Map<String, Function<Random, String>> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("text", RandomRowsTest::text);
        TYPES.put("char(9)", r -> r.nextInt(100_000) + "");
        TYPES.put("bool", r -> r.nextBoolean() + "");
        TYPES.put("int2", r -> (short) r.nextInt() + "");
        TYPES.put("int8", r -> r.nextLong() + "");
        TYPES.put("oid", r -> Integer.toUnsignedString(r.nextInt()));
        TYPES.put("numeric", RandomRowsTest::numeric);
        TYPES.put("float8", r -> Double.longBitsToDouble(r.nextLong()) + "");
        TYPES.put("float4", r -> Float.intBitsToFloat(r.nextInt()) + "");
        TYPES.put("bytea", r -> "\\x" + Long.toHexString(r.nextLong() | 1L << 63));
        TYPES.put("date", r -> moment(r).replaceAll(" [0-9:.]+", ""));
        TYPES.put("timestamp", RandomRowsTest::moment);
        TYPES.put("timestamptz", RandomRowsTest::moment);
        TYPES.put("interval", r -> r.nextInt(-40, 40) + " days " + r.nextInt(100_000) + " ms");
        TYPES.put("json", r -> json(r, 4));
        TYPES.put("jsonb", r -> json(r, 4));
        TYPES.put("uuid", r -> new UUID(r.nextLong(), r.nextLong()).toString());
        TYPES.put("price", RandomRowsTest::numeric);
        TYPES.put("mood", r -> r.nextBoolean() ? "sad" : "very \"happy");
        TYPES.put("box", RandomRowsTest::box);
        for (String element :
                List.of(
                        "text",
                        "int8",
                        "numeric",
                        "float8",
                        "timestamptz",
                        "json",
                        "jsonb",
                        "bool",
                        "price",
                        "mood",
                        "bytea")) {
            Function<Random, String> of = of(element);
            TYPES.put(element + "[]", r -> array(r, of, ","));
        }
        TYPES.put("box[]", r -> array(r, RandomRowsTest::box, ";"));
    }

    private final String url = SharedServers.freshDatabase();

    @Test
    void looksAsTheServerWritesIt() throws SQLException {
        long seed = Long.getLong("json.seed", System.nanoTime());
        Random random = new Random(seed);
        SharedServers.execute(
                url,
                "create domain price as numeric",
                "create type mood as enum ('sad', 'very \"happy')");
        List<String> types = List.copyOf(TYPES.keySet());
        String name = DatabaseUrl.parse(url).database();
        try (Connection connection = SharedServers.postgres().open(name);
                TestPool pool = TestPool.of(url)) {
            session(connection, types);
            insert(connection, types, random);
            Relation relation = relation(connection);
            RowJson json = new RowJson(new TypeShapes(pool.queries()));
            List<ColumnValue> nulls =
                    types.stream().<ColumnValue>map(t -> ColumnValue.Null.NULL).toList();
            await().until(() -> json.render(relation, nulls) != null);
            compare(
                    connection,
                    types,
                    (row, expected) ->
                            assertThat(json.render(relation, row))
                                    .as("seed " + seed)
                                    .isEqualTo(expected));
        }
    }

    private static void session(Connection connection, List<String> types) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> setting : PgQueries.SESSION.entrySet()) {
                if (!setting.getKey().equals("default_transaction_read_only")) {
                    statement.execute(
                            "set " + setting.getKey() + " = '" + setting.getValue() + "'");
                }
            }
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                columns.add("\"" + "é".repeat(i % 5) + "c" + i + "\" " + types.get(i));
            }
            statement.execute("create table t (" + String.join(", ", columns) + ")");
        }
    }

    private static void insert(Connection connection, List<String> types, Random random)
            throws SQLException {
        String places =
                types.stream()
                        .map(t -> "cast(?::text as " + t + ")")
                        .collect(Collectors.joining(", "));
        try (PreparedStatement insert =
                connection.prepareStatement("insert into t values (" + places + ")")) {
            for (int row = 0; row < Integer.getInteger("json.rows", 500); row++) {
                for (int i = 0; i < types.size(); i++) {
                    boolean isNull = random.nextInt(10) == 0;
                    insert.setString(i + 1, isNull ? null : of(types.get(i)).apply(random));
                }
                insert.addBatch();
            }
            var _ = insert.executeBatch();
        }
    }

    private static Relation relation(Connection connection) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "select attname, atttypid from pg_attribute"
                                        + " where attrelid = 't'::regclass and attnum > 0 order by attnum")) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), (int) rows.getLong(2), -1, false));
            }
        }
        return new Relation(
                1, new TableName("public", "t"), ReplicaIdentity.DEFAULT, columns, List.of());
    }

    private interface Comparison {
        void row(List<ColumnValue> row, String expected);
    }

    private static void compare(Connection connection, List<String> types, Comparison comparison)
            throws SQLException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String column = "\"" + "é".repeat(i % 5) + "c" + i + "\"";
            texts.add("case when " + column + " is not null then format('%s', " + column + ") end");
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "select to_jsonb(t)::text, "
                                        + String.join(", ", texts)
                                        + " from t")) {
            while (rows.next()) {
                List<ColumnValue> row = new ArrayList<>();
                for (int i = 0; i < types.size(); i++) {
                    @Nullable String text = rows.getString(i + 2);
                    row.add(text == null ? ColumnValue.Null.NULL : new ColumnValue.Text(text));
                }
                comparison.row(row, rows.getString(1));
            }
        }
    }

    private static Function<Random, String> of(String type) {
        return Objects.requireNonNull(TYPES.get(type));
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int[] signs = SIGNS.codePoints().toArray();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(signs[random.nextInt(signs.length)]);
        }
        return text.toString();
    }

    private static String numeric(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> "NaN";
            case 1 -> "-Infinity";
            case 2 -> random.nextLong() + "e" + random.nextInt(-60, 60);
            default ->
                    new BigDecimal(
                                    new BigInteger(random.nextInt(200), random),
                                    random.nextInt(-5, 40))
                            .toPlainString();
        };
    }

    private static String moment(Random random) {
        if (random.nextInt(10) == 0) {
            return random.nextBoolean() ? "infinity" : "-infinity";
        }
        return String.format(
                Locale.ROOT,
                "%04d-%02d-%02d %02d:%02d:%02d.%06d",
                1 + random.nextInt(1 << random.nextInt(1, 18)),
                random.nextInt(1, 13),
                random.nextInt(1, 29),
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                random.nextInt(1_000_000) / 100 * (random.nextBoolean() ? 100 : 0));
    }

    private static String box(Random random) {
        return "(%s,%s),(%s,%s)"
                .formatted(
                        random.nextInt(9),
                        random.nextGaussian(),
                        random.nextInt(9),
                        random.nextInt(9));
    }

    private static String json(Random random, int depth) {
        char space = " \n\t\r".charAt(random.nextInt(4));
        return space
                + switch (random.nextInt(depth > 0 ? 8 : 5)) {
                    case 0 -> "null";
                    case 1 -> random.nextBoolean() + "";
                    case 2, 3 -> jsonNumber(random);
                    case 4 -> jsonString(random);
                    case 5 -> items(random, r -> json(r, depth - 1), "[", "]");
                    default ->
                            items(random, r -> jsonString(r) + ":" + json(r, depth - 1), "{", "}");
                }
                + space;
    }

    private static String items(
            Random random, Function<Random, String> item, String open, String close) {
        List<String> items = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            items.add(item.apply(random));
        }
        return open + String.join(",", items) + close;
    }

    private static String jsonNumber(Random random) {
        String number =
                (random.nextBoolean() ? "-" : "") + random.nextInt(1 << random.nextInt(1, 30));
        number += random.nextBoolean() ? "." + random.nextInt(1000) : "";
        return random.nextBoolean()
                ? number
                : number + "eE".charAt(random.nextInt(2)) + random.nextInt(-300, 300);
    }

    private static String jsonString(Random random) {
        StringBuilder json = new StringBuilder("\"");
        int[] signs = (SIGNS + "ab").codePoints().toArray();
        for (int i = random.nextInt(4); i > 0; i--) {
            int sign = signs[random.nextInt(signs.length)];
            boolean escaped = sign < ' ' || sign == '"' || sign == '\\' || random.nextInt(4) == 0;
            if (!escaped) {
                json.appendCodePoint(sign);
                continue;
            }
            for (char c : Character.toChars(sign)) {
                json.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return json.append('"').toString();
    }

    private static String array(Random random, Function<Random, String> of, String delimiter) {
        int size = random.nextInt(4);
        if (size == 0) {
            return "{}";
        }
        boolean twice = random.nextBoolean();
        String one = elements(random, of, delimiter, size);
        String all =
                twice ? "{" + one + delimiter + elements(random, of, delimiter, size) + "}" : one;
        int lower = random.nextInt(-3, 4);
        String bounds = "[" + lower + ":" + (lower + size - 1) + "]";
        return random.nextBoolean() ? all : (twice ? "[7:8]" : "") + bounds + "=" + all;
    }

    private static String elements(
            Random random, Function<Random, String> of, String delimiter, int size) {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String value = of.apply(random);
            elements.add(
                    random.nextInt(5) == 0
                            ? "NULL"
                            : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        return "{" + String.join(delimiter, elements) + "}";
    }
}
