package dev.walmonitor.checker;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random statements over the tables of a stage, few keys and many meetings. */
final class Statements {
    private static final List<String> SMALL =
            List.of("plain", "pair", "whole", "marked", "heap", "moody");
    private static final String VERSION = "nextval('version')";

    private final Random random;
    private Map<String, String> names;
    private String table = "plain";
    private int key;
    private int columns;

    Statements(Random random, Map<String, String> names) {
        this.random = random;
        this.names = names;
    }

    void renamed(Map<String, String> now) {
        names = now;
    }

    private String name(String origin) {
        return names.getOrDefault(origin, origin);
    }

    /** Rather the same as before than another. */
    private String any() {
        if (random.nextInt(3) == 0) {
            table = SMALL.get(random.nextInt(SMALL.size()));
        }
        return table;
    }

    private int key() {
        if (random.nextBoolean()) {
            key = random.nextInt(8);
        }
        return key;
    }

    private String text() {
        return switch (random.nextInt(4)) {
            case 0 -> "NULL";
            case 1 -> "'it''s [odd]: new-tuple:'";
            default -> "md5(random()::text)";
        };
    }

    private String large() {
        return random.nextInt(3) == 0
                ? "NULL"
                : "repeat(md5(random()::text), " + (70 + random.nextInt(30)) + ")";
    }

    private String letter() {
        return List.of("'x'", "'y'").get(random.nextInt(2));
    }

    /** A statement that changes rows. */
    String rows() {
        String table = any();
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> insert(table);
            case 3, 4, 5 -> update(table);
            case 6, 7 -> move(table);
            default -> delete(table);
        };
    }

    private String insert(String table) {
        int a = key();
        String rest =
                switch (table) {
                    case "pair" ->
                            "(a, b, v, big) VALUES (%d, %s, %s, %s)"
                                    .formatted(a, letter(), VERSION, large());
                    case "whole" ->
                            "(a, v, p, big) VALUES (%d, %s, %s, %s)"
                                    .formatted(a, VERSION, text(), large());
                    case "marked" -> "(u, a, v) VALUES (%d, %d, %s)".formatted(key(), a, VERSION);
                    case "moody" ->
                            "(a, b, v, p) VALUES (%d, %d, %s, %s)"
                                    .formatted(a, key(), VERSION, text());
                    default -> "(a, v, p) VALUES (%d, %s, %s)".formatted(a, VERSION, text());
                };
        String conflict =
                table.equals("heap")
                        ? ""
                        : table.equals("marked") || random.nextBoolean()
                                ? " ON CONFLICT DO NOTHING"
                                : " ON CONFLICT (a%s) DO UPDATE SET v = excluded.v"
                                        .formatted(table.equals("pair") ? ", b" : "");
        return "INSERT INTO " + name(table) + " " + rest + conflict;
    }

    private String update(String table) {
        String set =
                switch (table) {
                    case "pair" -> random.nextInt(4) == 0 ? ", big = " + large() : "";
                    case "whole" ->
                            random.nextInt(4) == 0
                                    ? ", big = " + large()
                                    : random.nextBoolean() ? ", p = " + text() : "";
                    case "marked" -> random.nextInt(3) == 0 ? ", a = a + 10 - 20 * (a / 10)" : "";
                    case "moody" -> random.nextBoolean() ? ", b = " + key() : "";
                    default -> random.nextBoolean() ? ", p = " + text() : "";
                };
        return "UPDATE %s SET v = %s%s WHERE %s".formatted(name(table), VERSION, set, where(table));
    }

    private String where(String table) {
        String column = table.equals("marked") ? "u" : "a";
        int key = key();
        return random.nextInt(6) == 0
                ? "%s BETWEEN %d AND %d".formatted(column, key, key + 3)
                : column + " = " + key;
    }

    /** Gives a row another key. */
    private String move(String table) {
        String column = table.equals("marked") ? "u" : "a";
        int from = key();
        int to = random.nextInt(8);
        String both =
                table.equals("pair") && random.nextBoolean()
                        ? ", b = CASE b WHEN 'x' THEN 'y' ELSE 'x' END"
                        : "";
        return "UPDATE %1$s SET %2$s = %4$d, v = %5$s%6$s WHERE %2$s = %3$d AND NOT EXISTS (SELECT 1 FROM %1$s WHERE %2$s = %4$d)"
                .formatted(name(table), column, from, to, VERSION, both);
    }

    private String delete(String table) {
        return "DELETE FROM %s WHERE %s".formatted(name(table), where(table));
    }

    /** One table or several. */
    String truncate() {
        String first = any();
        String second = any();
        return "TRUNCATE "
                + name(first)
                + (first.equals(second) ? "" : ", " + name(second))
                + (random.nextBoolean() ? " RESTART IDENTITY CASCADE" : "");
    }

    /** A message, or a change that nobody follows. */
    String noise() {
        return switch (random.nextInt(3)) {
            case 0 -> "SELECT pg_logical_emit_message(true, 'checker', 'with its transaction')";
            case 1 -> "SELECT pg_logical_emit_message(false, 'checker', 'at once')";
            default -> "INSERT INTO public.noise SELECT generate_series(1, 5)";
        };
    }

    /** Many rows. */
    String bulk() {
        boolean fat = random.nextInt(3) == 0;
        int rows = fat ? 100 + random.nextInt(700) : 300 + random.nextInt(2500);
        return "INSERT INTO %s SELECT %s, 1, %s FROM generate_series(1, %d) n"
                .formatted(
                        name("bulk"),
                        VERSION,
                        fat ? "repeat(md5(n::text), 250)" : "md5(n::text)",
                        rows);
    }

    /** Another shape of a table. */
    String shape() {
        String table = any();
        String name = name(table);
        int number = ++columns + 1000 * random.nextInt(1000);
        return switch (random.nextInt(9)) {
            case 0, 1 ->
                    "ALTER TABLE %s ADD COLUMN c%d %s"
                            .formatted(
                                    name,
                                    number,
                                    random.nextBoolean()
                                            ? "int DEFAULT 7"
                                            : "text"
                                                    + (random.nextBoolean()
                                                            ? " DEFAULT 'seven'"
                                                            : ""));
            case 2 -> onColumn(name, "'DROP COLUMN %I'");
            case 3 -> onColumn(name, "'RENAME COLUMN %I TO c" + number + "'");
            case 4 -> onColumn(name, "'ALTER COLUMN %I TYPE text'");
            case 5 ->
                    "ALTER TABLE %s ALTER COLUMN v TYPE %s"
                            .formatted(name, random.nextBoolean() ? "numeric" : "bigint");
            case 6 -> "ALTER TABLE %s RENAME TO %s_%d".formatted(name, table, number);
            default -> "ALTER TABLE " + name("moody") + " REPLICA IDENTITY " + identity();
        };
    }

    private String identity() {
        return List.of("DEFAULT", "FULL", "USING INDEX moody_both").get(random.nextInt(3));
    }

    /** Does it to one of the columns that were added, if there is one. */
    private static String onColumn(String table, String action) {
        return """
        DO $$ BEGIN EXECUTE (
            SELECT coalesce('ALTER TABLE %1$s ' || format(%2$s, max(attname)), 'SELECT 1')
            FROM pg_attribute
            WHERE attrelid = '%1$s'::regclass AND attname ~ '^c[0-9]' AND NOT attisdropped
        ); END $$\
        """
                .formatted(table, action);
    }
}
