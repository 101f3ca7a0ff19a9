package dev.walmonitor.handler.cache;

import dev.walmonitor.change.TableName;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Statements that read rows of a table as the log sends them. */
final class RowQuery {
    static final String ROW = "row";
    static final String TEXTS = "texts";

    private RowQuery() {}

    /**
     * The row that has a key, in a form that {@link ReadRow} takes; its values are those of the
     * template.
     */
    static Query ofKey(
            TableName table, List<String> columns, List<String> texts, Template template) {
        StringBuilder text =
                new StringBuilder("select (select to_jsonb(x)::text from (select ")
                        .append(list(columns, "t."))
                        .append(") x) as \"" + ROW + "\", jsonb_build_object(");
        List<String> pairs = new ArrayList<>();
        for (String column : texts) {
            String name = "t." + quoted(column);
            pairs.add(
                    "'%s', case when num_nulls(%s) = 0 then format('%%s', %s) end"
                            .formatted(column.replace("'", "''"), name, name));
        }
        text.append(String.join(", ", pairs))
                .append(") as \"" + TEXTS + "\" from ")
                .append(table.quoted())
                .append(" t where ");
        List<String> fragments = new ArrayList<>();
        for (Template.Placeholder placeholder : template.placeholders()) {
            fragments.add(
                    text
                            + (fragments.isEmpty() ? "" : " and ")
                            + "t."
                            + quoted(placeholder.column())
                            + " = ");
            text.setLength(0);
        }
        fragments.add("");
        return new Query(fragments);
    }

    /** All rows. */
    static Query ofTable(TableName table, List<String> columns) {
        return Query.of("select " + list(columns, "") + " from " + table.quoted());
    }

    /** Each combination of values of some columns once. */
    static Query distinct(TableName table, List<String> columns) {
        return Query.of("select distinct " + list(columns, "") + " from " + table.quoted());
    }

    /** The columns of a table that a publication of ours sends. */
    static Uni<List<String>> sentColumns(Queries queries, TableName table) {
        Query query =
                new Query(
                        List.of(
                                "select a.attname::text as name from pg_catalog.pg_attribute a"
                                        + " join pg_catalog.pg_class c on c.oid = a.attrelid"
                                        + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                                        + " where a.attnum > 0 and not a.attisdropped"
                                        + " and (a.attgenerated = '' or a.attgenerated = 's'"
                                        + " and current_setting('server_version_num')::int >= 180000)"
                                        + " and n.nspname = ",
                                " and c.relname = ",
                                " order by a.attnum"));
        return queries.rows(query, List.of(table.schema(), table.name()))
                .map(rows -> rows.stream().map(row -> row.getString("name")).toList());
    }

    /** How many unique indexes hold nothing but some of the columns, which tell rows apart then. */
    static Uni<Integer> uniqueIndexes(Queries queries, TableName table, List<String> columns) {
        String names =
                columns.stream()
                        .map(column -> "'" + column.replace("'", "''") + "'")
                        .collect(Collectors.joining(", "));
        Query query =
                new Query(
                        List.of(
                                "select i.indexrelid::regclass::text as name"
                                        + " from pg_catalog.pg_index i"
                                        + " join pg_catalog.pg_class c on c.oid = i.indrelid"
                                        + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                                        + " where i.indisunique and i.indpred is null"
                                        + " and i.indexprs is null and not exists (select from"
                                        + " pg_catalog.pg_attribute a where a.attrelid = c.oid"
                                        + " and a.attnum = any (i.indkey[0:i.indnkeyatts - 1])"
                                        + " and a.attname not in ("
                                        + names
                                        + ")) and n.nspname = ",
                                " and c.relname = ",
                                ""));
        return queries.rows(query, List.of(table.schema(), table.name())).map(List::size);
    }

    private static String list(List<String> columns, String prefix) {
        return columns.stream()
                .map(column -> prefix + quoted(column))
                .collect(Collectors.joining(", "));
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
