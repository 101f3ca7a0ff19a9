package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Row;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Values in binary form are told as the same text that a real server writes. {@code -Dfuzz.seed}
 * repeats the random ones, {@code -Dfuzz.values} makes more of them.
 */
@Tag("every-version")
class RealBinaryTest {
    private static final int RANDOM = Integer.getInteger("fuzz.values", 300);
    private static final long SEED = Long.getLong("fuzz.seed", new SplittableRandom().nextLong());

    private final SplittableRandom random = new SplittableRandom(SEED);

    @Test
    void f54_everyValueIsToldInBinaryAsInText() throws SQLException {
        check(SpecialValues.byType(version()));
    }

    @Test
    void f54_randomValuesAreToldInBinaryAsInText() throws SQLException {
        Map<String, List<String>> v = new LinkedHashMap<>();
        v.put("float8", some(() -> Double.toString(Double.longBitsToDouble(random.nextLong()))));
        v.put(
                "float8[]",
                some(() -> "{" + random.nextLong() + "," + random.nextDouble() * 1e17 + "}"));
        v.put("float4", some(() -> Float.toString(Float.intBitsToFloat(random.nextInt()))));
        v.put(
                "float4[]",
                some(() -> "{" + random.nextInt() + "," + (float) random.nextDouble(1e8) + "}"));
        v.put("numeric", some(this::numeric));
        v.put("date", some(() -> "J" + random.nextInt(2_147_483_493 / 2)));
        v.put("timestamp", some(this::moment));
        v.put("timestamptz", some(this::moment));
        v.put("interval", some(this::interval));
        v.put("inet", some(() -> address() + "/" + random.nextInt(129)));
        v.put("text[]", some(() -> "{" + quoted() + "," + quoted() + "}"));
        v.put("pair", some(() -> "(" + random.nextInt() + "," + quoted() + ")"));
        v.put(
                "pair[]",
                some(() ->
                        "{\"(1," + quoted().replace("\\", "\\\\").replace("\"", "\\\"") + ")\"}"));
        v.put("textrange", some(() -> "[" + quoted() + ",]"));
        v.put("varbit", some(() -> Integer.toBinaryString(random.nextInt())));
        check(v);
    }

    private static int version() {
        return Integer.parseInt(
                String.valueOf(
                        SharedServers.postgres().query("postgres", "show server_version_num")));
    }

    private List<String> some(Supplier<String> value) {
        return Stream.generate(value).limit(RANDOM).toList();
    }

    private String numeric() {
        String digits =
                new BigInteger(random.nextInt(1, 200), new java.util.Random(random.nextLong()))
                        .toString();
        return (random.nextBoolean() ? "-" : "") + digits + "e" + random.nextInt(-60, 60);
    }

    private String moment() {
        return "%04d-%02d-%02d %02d:%02d:%02d.%06d%s"
                .formatted(
                        random.nextInt(1, 4700),
                        random.nextInt(1, 13),
                        random.nextInt(1, 29),
                        random.nextInt(24),
                        random.nextInt(60),
                        random.nextInt(60),
                        random.nextInt(5) == 0 ? 0 : random.nextInt(1_000_000),
                        random.nextBoolean() ? "" : " BC");
    }

    private String interval() {
        return "%d mons %d days %d hours %d us"
                .formatted(
                        random.nextInt(3) == 0 ? 0 : random.nextInt(-1000, 1000),
                        random.nextInt(3) == 0 ? 0 : random.nextInt(-1000, 1000),
                        random.nextInt(3) == 0 ? 0 : random.nextInt(-100_000, 100_000),
                        random.nextInt(3) == 0 ? 0 : random.nextInt());
    }

    private String address() {
        return Stream.generate(() ->
                        random.nextInt(2) == 0 ? "0" : Integer.toHexString(random.nextInt(0x10000)))
                .limit(8)
                .collect(Collectors.joining(":"));
    }

    /** Text with what has a meaning within arrays, composites and ranges. */
    private String quoted() {
        String letters = "ab \"\\(){}[],'\t;ä";
        StringBuilder out = new StringBuilder("\"");
        for (int i = random.nextInt(6); i > 0; i--) {
            char c = letters.charAt(random.nextInt(letters.length()));
            out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
        }
        return out.append('"').toString();
    }

    private static void check(Map<String, List<String>> values) throws SQLException {
        List<String> setup = new ArrayList<>(SpecialValues.TYPES);
        List<String> inserts = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, List<String>> of : values.entrySet()) {
            String table = "v" + number++;
            setup.add("CREATE TABLE " + table + " (c " + of.getKey() + ")");
            inserts.add(
                    of.getValue().stream()
                            .map(literal -> "('" + literal.replace("'", "''") + "')")
                            .collect(
                                    Collectors.joining(
                                            ", ", "INSERT INTO " + table + " VALUES ", "")));
        }
        try (RealSlot slot = new RealSlot(SharedServers.postgres(), setup.toArray(String[]::new))) {
            slot.run(inserts.toArray(String[]::new));
            TypeCatalogue types = slot.types();
            List<Row> texts = rows(slot.messages("proto_version", "1"));
            List<Row> raw = rows(slot.messages("proto_version", "1", "binary", "true"));
            List<Row> binary = rows(slot.messages(types, "proto_version", "1", "binary", "true"));

            assertThat(raw).allMatch(row -> row.value(0) instanceof ColumnValue.Binary);
            for (int i = 0; i < texts.size(); i++) {
                String type =
                        values.keySet()
                                .toArray(String[]::new)[
                                Integer.parseInt(
                                        texts.get(i).relation().table().name().substring(1))];
                assertThat(binary.get(i).value(0))
                        .as("seed %d, type %s", SEED, type)
                        .isEqualTo(texts.get(i).value(0));
                assertThat(binary.get(i).hash(List.of(0))).isEqualTo(texts.get(i).hash(List.of(0)));
            }
        }
    }

    private static List<Row> rows(List<PgOutputMessage> messages) {
        return messages.stream()
                .filter(Insert.class::isInstance)
                .map(m -> ((Insert) m).row())
                .toList();
    }

    @Test
    void aValueWhoseTextCannotBeHadStaysBinaryAndSaysSo() throws SQLException {
        try (RealSlot slot =
                new RealSlot(
                        SharedServers.postgres(),
                        "CREATE TABLE v (m money, r regclass, q tsquery, a money[], n money)")) {
            slot.run("INSERT INTO v VALUES ('1', 'v', 'a & b', '{1}', null)");
            Row row =
                    rows(slot.messages(slot.types(), "proto_version", "1", "binary", "true"))
                            .getFirst();

            for (int column = 0; column < 4; column++) {
                assertThat(row.value(column)).isInstanceOf(ColumnValue.Binary.class);
            }
            assertThat(row.text("n")).isNull();
            assertThatThrownBy(() -> row.text("m"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "The text of public.v.m is not known: it came in the binary form of type 790"
                                    + " (an OID of pg_type). Set binary to false for the source");
        }
    }
}
