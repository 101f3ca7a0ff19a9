package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.QueryResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a publication gives with what the rules want: a publication that somebody else
 * keeps, or has changed, may hold back tables, operations, columns or rows without a word.
 */
final class PublicationDrift {
    private final String publication;
    private final Interest interest;
    private final QueryResult operations;
    private final Map<TableName, List<@Nullable String>> listed = new HashMap<>();

    /**
     * @param published the answer to {@link #publication}
     * @param tables the answer to {@link #tables}
     */
    PublicationDrift(
            String publication, Interest interest, QueryResult published, QueryResult tables) {
        this.publication = publication;
        this.interest = interest;
        this.operations = published;
        for (List<@Nullable String> row : tables.rows()) {
            listed.put(new TableName(Catalogue.text(row, 0), Catalogue.text(row, 1)), row);
        }
    }

    /** What the publication publishes: a column for each operation. */
    static String publication(String literal) {
        return "select pubinsert, pubupdate, pubdelete, pubtruncate from pg_catalog.pg_publication where pubname = "
                + literal;
    }

    /**
     * The tables whose changes come, under whatever name, with a remark on what is held back of
     * them: {@code to_jsonb} reads the columns that older servers do not have.
     */
    static String tables(String literal) {
        return """
        with published as (
          select to_jsonb(t) as j, c.oid::pg_catalog.regclass as relid
          from pg_catalog.pg_publication_tables t
          join pg_catalog.pg_namespace n on n.nspname = t.schemaname
          join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
          where t.pubname = %s
        )
        select n.nspname, c.relname, bool_or(p.j ->> 'rowfilter' is not null),
               string_agg(distinct (
                 select string_agg(a.attname, ', ' order by a.attnum) from pg_catalog.pg_attribute a
                 where a.attrelid = p.relid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                   and p.j -> 'attnames' is not null and not (p.j -> 'attnames') ? a.attname::text), ', ')
        from published p
        cross join lateral (
          select p.relid union select relid from pg_catalog.pg_partition_tree(p.relid)
          union select relid from pg_catalog.pg_partition_ancestors(p.relid)) r(relid)
        join pg_catalog.pg_class c on c.oid = r.relid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        group by 1, 2
        """
                .formatted(literal);
    }

    List<String> sentences(List<Relation> relations) {
        List<String> sentences = new ArrayList<>();
        if (operations.rows().isEmpty()) {
            return sentences;
        }
        List<Operation> missing = missingOperations(relations);
        if (!missing.isEmpty()) {
            sentences.add(
                    "Publication "
                            + publication
                            + " does not publish "
                            + String.join(
                                    ", ",
                                    missing.stream()
                                            .map(o -> o.name().toLowerCase(Locale.ROOT))
                                            .toList())
                            + ", which rules want.");
        }
        for (Relation relation : relations) {
            if (isWanted(relation)) {
                table(relation.table(), listed.get(relation.table()), sentences);
            }
        }
        return sentences;
    }

    private void table(
            TableName table, @Nullable List<@Nullable String> row, List<String> sentences) {
        if (row == null) {
            sentences.add(
                    "Table "
                            + table
                            + " is wanted by a rule, and publication "
                            + publication
                            + " does not give its changes.");
            return;
        }
        if ("t".equals(row.get(2))) {
            sentences.add(
                    "Publication "
                            + publication
                            + " has a row filter for "
                            + table
                            + ": changes of the rows that it keeps back do not come.");
        }
        if (row.get(3) != null) {
            sentences.add(
                    "Publication "
                            + publication
                            + " leaves out columns of "
                            + table
                            + ": "
                            + row.get(3)
                            + ".");
        }
    }

    private List<Operation> missingOperations(List<Relation> relations) {
        List<Operation> order =
                List.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);
        List<Operation> missing = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Operation operation = order.get(i);
            boolean published = "t".equals(operations.rows().getFirst().get(i));
            if (!published && relations.stream().anyMatch(r -> interest.wants(r, operation))) {
                missing.add(operation);
            }
        }
        return missing;
    }

    private boolean isWanted(Relation relation) {
        return Arrays.stream(Operation.values()).anyMatch(o -> interest.wants(relation, o));
    }
}
