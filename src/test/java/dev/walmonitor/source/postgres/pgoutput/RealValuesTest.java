package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Row;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.TypeMessage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Values at the edges of their types come through as the server writes them. */
class RealValuesTest {

    /**
     * @param type of the column
     * @param literal as one writes it in SQL
     * @param text as the server writes it
     */
    private record Value(String type, String literal, String text) {}

    private static final List<Value> VALUES =
            List.of(
                    new Value("numeric", "NaN", "NaN"),
                    new Value("numeric", "Infinity", "Infinity"),
                    new Value("numeric", "-Infinity", "-Infinity"),
                    new Value("numeric", "1E-20", "0.00000000000000000001"),
                    new Value(
                            "numeric",
                            "123456789012345678901234567890.123456789",
                            "123456789012345678901234567890.123456789"),
                    new Value("numeric(12,4)", "1.5", "1.5000"),
                    new Value("int8", "-9223372036854775808", "-9223372036854775808"),
                    new Value("float4", "NaN", "NaN"),
                    new Value("float8", "-Infinity", "-Infinity"),
                    new Value("float8", "0.1", "0.1"),
                    new Value("float8", "5e-324", "5e-324"),
                    new Value("float8", "-0", "-0"),
                    new Value("date", "infinity", "infinity"),
                    new Value("date", "0044-03-15 BC", "0044-03-15 BC"),
                    new Value("date", "5874897-12-31", "5874897-12-31"),
                    new Value("timestamp", "-infinity", "-infinity"),
                    new Value(
                            "timestamptz",
                            "294276-12-31 23:59:59.999999+00",
                            "294276-12-31 23:59:59.999999+00"),
                    new Value(
                            "timestamptz",
                            "4713-01-01 00:00:00+00 BC",
                            "4713-01-01 00:00:00+00 BC"),
                    new Value("time", "24:00:00", "24:00:00"),
                    new Value("timetz", "24:00:00+05:30", "24:00:00+05:30"),
                    new Value(
                            "interval",
                            "-1 year -2 mons +3 days -04:05:06.7",
                            "-1 years -2 mons +3 days -04:05:06.7"),
                    new Value("interval", "infinity", "infinity"),
                    new Value("money", "-1234.56", "-$1,234.56"),
                    new Value("bool", "true", "t"),
                    new Value("char(5)", "ab", "ab   "),
                    new Value("text", "", ""),
                    new Value("text", "größer 🦉 \\ \" '' \t", "größer 🦉 \\ \" ' \t"),
                    new Value("bytea", "\\x00ff0a", "\\x00ff0a"),
                    new Value("text[]", "{NULL,\"NULL\",\"\"}", "{NULL,\"NULL\",\"\"}"),
                    new Value("int[]", "[0:1]={1,2}", "[0:1]={1,2}"),
                    new Value("jsonb", "{\"a\": 1e2}", "{\"a\": 100}"),
                    new Value("json", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"),
                    new Value(
                            "uuid",
                            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                    new Value("int4range", "[1,5]", "[1,6)"),
                    new Value("tstzrange", "empty", "empty"),
                    new Value("inet", "::1/128", "::1"),
                    new Value("bit varying", "0101", "0101"),
                    new Value("mood", "happy", "happy"),
                    new Value("mood[]", "{sad,NULL}", "{sad,NULL}"),
                    new Value("pair", "(1,\"a,b\")", "(1,\"a,b\")"),
                    new Value("positive", "7", "7"),
                    new Value("positive[]", "{7}", "{7}"));

    @Test
    void f54_specialValuesComeThroughAsTheServerWritesThem() throws SQLException {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < VALUES.size(); i++) {
            columns.add("c" + i + " " + VALUES.get(i).type());
        }
        try (RealSlot slot =
                new RealSlot(
                        SharedServers.postgres(),
                        "SET lc_monetary = 'C'",
                        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                        "CREATE TYPE pair AS (n int, s text)",
                        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                        "CREATE TABLE v (" + String.join(", ", columns) + ")")) {
            slot.run(
                    VALUES.stream()
                            .map(v -> "'" + v.literal() + "'")
                            .collect(Collectors.joining(", ", "INSERT INTO v VALUES (", ")")));

            List<PgOutputMessage> messages = slot.messages("proto_version", "1");

            assertThat(row(messages).values())
                    .extracting(v -> v.textOrNull())
                    .containsExactlyElementsOf(VALUES.stream().map(Value::text).toList());
        }
    }

    @Test
    void f54_typesThatAreNotBuiltInAreToldOnceAndADomainByItsBaseType() throws SQLException {
        try (RealSlot slot =
                new RealSlot(
                        SharedServers.postgres(),
                        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                        "CREATE TABLE v (a mood, b mood[], c positive, d int)")) {
            slot.run("INSERT INTO v VALUES ('sad', '{sad}', 1, 1)");
            String mood = slot.query("SELECT 'mood'::regtype::oid");
            String positive = slot.query("SELECT 'positive'::regtype::oid");

            List<PgOutputMessage> messages = slot.messages("proto_version", "1");

            assertThat(messages)
                    .filteredOn(TypeMessage.class::isInstance)
                    .extracting(TypeMessage.class::cast)
                    .extracting(t -> Integer.toUnsignedString(t.oid()), TypeMessage::name)
                    .contains(
                            org.assertj.core.groups.Tuple.tuple(
                                    mood, new TypeName("public", "mood")),
                            org.assertj.core.groups.Tuple.tuple(
                                    positive, new TypeName("pg_catalog", "int4")))
                    .hasSize(3);
        }
    }

    private static Row row(List<PgOutputMessage> messages) {
        return messages.stream()
                .filter(Insert.class::isInstance)
                .map(m -> ((Insert) m).row())
                .findFirst()
                .orElseThrow();
    }
}
