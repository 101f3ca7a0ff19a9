package dev.walmonitor.source.postgres.simulation;

import dev.walmonitor.source.postgres.wire.Sql;
import org.jspecify.annotations.Nullable;

/**
 * A column, as far as it matters for making values.
 *
 * @param type as SQL has it
 * @param category the type's: B boolean, D date or time, E enum, N number, S text, U others
 * @param made whether the database gives it a value by itself
 * @param key whether it is part of the primary key
 * @param unique whether no two rows may have the same value in it
 * @param bound whether a foreign key or a check says which values it may have
 * @param reference a query for a value that a foreign key allows; null without one
 */
record SampleColumn(
        String name,
        String type,
        char category,
        boolean notNull,
        boolean made,
        boolean key,
        boolean unique,
        boolean bound,
        @Nullable String reference) {
    private static final String WORD =
            "(array['Amber','Birch','Cedar','Delta','Ember','Fjord','Grove','Heron','Ivory','Jade'])[1 + floor(random() * 10)::int]";

    String quoted() {
        return Sql.identifier(name);
    }

    /** Whether an UPDATE may give it another value. */
    boolean isChangeable() {
        return !made && !key && !unique;
    }

    /**
     * The value of a new row; {@code r} is some other row, or nothing but NULLs.
     *
     * @param table as SQL has it
     * @return null if no value can be made up
     */
    @Nullable String inserted(String table) {
        String other = "r." + quoted();
        if (key || unique) {
            return fresh(table);
        }
        if (!notNull) {
            return other;
        }
        String made = reference == null ? invented() : reference;
        return made == null ? other : "coalesce(" + other + ", (" + made + ")::" + type + ")";
    }

    /** A value that no row has yet. */
    private @Nullable String fresh(String table) {
        if (reference != null) {
            return null;
        }
        return switch (category) {
            case 'N' ->
                    "(select coalesce(max(" + quoted() + "), 0) + 1 from " + table + ")::" + type;
            case 'S' -> "left(" + WORD + " || '-' || gen_random_uuid(), 60)::" + type;
            default -> type.equals("uuid") ? "gen_random_uuid()" : null;
        };
    }

    private @Nullable String invented() {
        return switch (category) {
            case 'B' -> "random() < 0.5";
            case 'N' -> "1 + floor(random() * 100)";
            case 'S' -> WORD;
            case 'D' -> isTime() ? "now()" : null;
            case 'E' ->
                    "(enum_range(null::"
                            + type
                            + "))[1 + floor(random() * cardinality(enum_range(null::"
                            + type
                            + ")))::int]";
            default ->
                    switch (type) {
                        case "uuid" -> "gen_random_uuid()";
                        case "json", "jsonb" -> "'{}'";
                        default -> null;
                    };
        };
    }

    private boolean isTime() {
        return type.startsWith("timestamp") || type.equals("date");
    }

    /**
     * Another value for a row that is there.
     *
     * @param table as SQL has it
     */
    String updated(String table) {
        String others =
                "coalesce((select "
                        + quoted()
                        + " from (select "
                        + quoted()
                        + " from "
                        + table
                        + " limit 100) s order by random() limit 1), "
                        + quoted()
                        + ")";
        if (bound) {
            return others;
        }
        return switch (category) {
            case 'B' -> "not coalesce(" + quoted() + ", false)";
            case 'N' ->
                    "(coalesce("
                            + quoted()
                            + ", 10) * (0.8 + random() * 0.4)::numeric + 1)::"
                            + type;
            case 'D' -> isTime() ? "now()" : others;
            case 'E', 'S' ->
                    category == 'E' || type.equals("text")
                            ? "(" + invented() + ")::" + type
                            : others;
            default -> others;
        };
    }
}
