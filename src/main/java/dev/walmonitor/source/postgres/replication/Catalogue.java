package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.postgres.pgoutput.LaneKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is read from the server's catalogue: statements, and their rows made into values. Only names
 * of the catalogue go into them, none of ours and none of the user's.
 */
final class Catalogue {

    private static final String TABLES =
            """
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and c.relpersistence = 'p'
              and n.nspname not in ('pg_catalog', 'information_schema', 'wal_monitor') and n.nspname !~ '^pg_'
            """;

    /** Every table with its columns, a row a column. */
    static final String RELATIONS =
            """
            select t.oid, t.nspname, t.relname, t.relreplident, a.attname, a.atttypid, a.atttypmod,
                   coalesce(a.attnum = any (pk.indkey), false), coalesce(a.attnum = any (ri.indkey), false)
            from (select c.oid, n.nspname, c.relname, c.relreplident %s) t
            join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
            left join pg_catalog.pg_index pk on pk.indrelid = t.oid and pk.indisprimary
            left join pg_catalog.pg_index ri on ri.indrelid = t.oid and ri.indisreplident
            order by t.nspname, t.relname, a.attnum
            """
                    .formatted(TABLES);

    /** The columns of every primary key, or of one table's. */
    static String primaryKeys(@Nullable Integer oid) {
        return "select i.indrelid, a.attname from pg_catalog.pg_index i"
                + " join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)"
                + " where i.indisprimary and i.indrelid "
                + (oid == null ? ">= 16384" : "= " + Integer.toUnsignedString(oid))
                + " order by i.indrelid, a.attnum";
    }

    /**
     * Partitions that are published as their root but have another replica identity than it, and
     * not FULL, which would do.
     */
    static String partitionsApart(String publication) {
        return """
        select rn.nspname, r.relname, ln.nspname, l.relname
        from pg_catalog.pg_publication p
        join pg_catalog.pg_publication_tables t on t.pubname = p.pubname
        join pg_catalog.pg_namespace rn on rn.nspname = t.schemaname
        join pg_catalog.pg_class r on r.relnamespace = rn.oid and r.relname = t.tablename
        cross join lateral pg_catalog.pg_partition_tree(r.oid) tree
        join pg_catalog.pg_class l on l.oid = tree.relid
        join pg_catalog.pg_namespace ln on ln.oid = l.relnamespace
        where p.pubname = %s and p.pubviaroot and r.relkind = 'p' and tree.isleaf
          and l.relreplident <> r.relreplident and l.relreplident <> 'f'
        order by 1, 2, 3, 4 limit 1
        """
                .formatted(publication);
    }

    /**
     * Tables whose UPDATE and DELETE PostgreSQL 18 and later would refuse once they are published:
     * those with a generated column in their replica identity that the publication does not
     * publish, as it never does with a virtual one.
     */
    static String generatedIdentities(String publication) {
        return """
        select n.nspname, c.relname, string_agg(distinct a.attname, ', ')
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attgenerated <> '' and not a.attisdropped
        left join pg_catalog.pg_publication p on p.pubname = %s
        where current_setting('server_version_num')::int >= 180000
          and (a.attgenerated = 'v' or to_jsonb(p) ->> 'pubgencols' = 'n')
          and (c.relreplident = 'f' or exists (
            select 1 from pg_catalog.pg_index i where i.indrelid = c.oid and a.attnum = any (i.indkey)
              and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end))
        group by 1, 2
        """
                .formatted(publication);
    }

    private Catalogue() {}

    static List<Relation> relations(List<List<@Nullable String>> rows) {
        List<Relation> relations = new ArrayList<>();
        for (int from = 0, to; from < rows.size(); from = to) {
            to = from + 1;
            while (to < rows.size() && text(rows.get(to), 0).equals(text(rows.get(from), 0))) {
                to++;
            }
            relations.add(relation(rows.subList(from, to)));
        }
        return relations;
    }

    private static Relation relation(List<List<@Nullable String>> rows) {
        List<@Nullable String> first = rows.getFirst();
        ReplicaIdentity identity = identity(text(first, 3));
        List<Column> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        for (List<@Nullable String> row : rows) {
            boolean primary = isTrue(row, 7);
            boolean flagged =
                    switch (identity) {
                        case DEFAULT -> primary;
                        case INDEX -> isTrue(row, 8);
                        case FULL -> true;
                        case NOTHING -> false;
                    };
            columns.add(
                    new Column(text(row, 4), oid(row, 5), Integer.parseInt(text(row, 6)), flagged));
            if (primary) {
                key.add(text(row, 4));
            }
        }
        return new Relation(
                oid(first, 0),
                new TableName(text(first, 1), text(first, 2)),
                identity,
                columns,
                LaneKey.of(identity, columns, key.isEmpty() ? null : key));
    }

    static Map<Integer, List<String>> keys(List<List<@Nullable String>> rows) {
        Map<Integer, List<String>> keys = new HashMap<>();
        for (List<@Nullable String> row : rows) {
            keys.computeIfAbsent(oid(row, 0), oid -> new ArrayList<>()).add(text(row, 1));
        }
        return keys;
    }

    private static ReplicaIdentity identity(String letter) {
        return switch (letter) {
            case "d" -> ReplicaIdentity.DEFAULT;
            case "n" -> ReplicaIdentity.NOTHING;
            case "f" -> ReplicaIdentity.FULL;
            case "i" -> ReplicaIdentity.INDEX;
            default ->
                    throw new IllegalStateException(
                            "Expected a replica identity of d, n, f or i, got " + letter);
        };
    }

    private static int oid(List<@Nullable String> row, int column) {
        return Integer.parseUnsignedInt(text(row, column));
    }

    private static boolean isTrue(List<@Nullable String> row, int column) {
        return text(row, column).equals("t");
    }

    static String text(List<@Nullable String> row, int column) {
        String value = row.get(column);
        if (value == null) {
            throw new IllegalStateException(
                    "Expected a value in column " + column + " of a catalogue query, got NULL");
        }
        return value;
    }
}
