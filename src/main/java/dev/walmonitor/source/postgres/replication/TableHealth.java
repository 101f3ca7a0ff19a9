package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.postgres.wire.Sql;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be said of tables. Pure: questions, and what answers mean. */
final class TableHealth {
    /** Of every table: whether the role may publish it, and read it. */
    static final String RIGHTS =
            """
            select n.nspname, c.relname, pg_catalog.pg_has_role(c.relowner, 'USAGE') as owns,
                   pg_catalog.has_table_privilege(c.oid, 'SELECT') as reads,
                   pg_catalog.has_schema_privilege(n.oid, 'USAGE') as enters,
                   pg_catalog.pg_get_userbyid(c.relowner) as owner, current_user
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p')
              and not (pg_catalog.pg_has_role(c.relowner, 'USAGE') and pg_catalog.has_schema_privilege(n.oid, 'USAGE'))
            """;

    /** Tables that hold large values beside their rows, and the columns that may be meant. */
    static final String LARGE =
            """
            select n.nspname, c.relname, string_agg(a.attname, ', ' order by a.attnum)
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and a.attlen = -1 and a.attstorage in ('x', 'e', 'm')
            where c.relkind = 'r' and c.relreplident <> 'f' and c.reltoastrelid <> 0
              and pg_catalog.pg_relation_size(c.reltoastrelid) > 0
              and (a.atttypmod < 0 or a.atttypmod > 500)
            group by 1, 2 order by 1, 2
            """;

    private static final String FULL = " REPLICA IDENTITY FULL";

    private TableHealth() {}

    /** Published tables whose UPDATE and DELETE the server refuses because of it. */
    static String identities(String publication) {
        return """
        select n.nspname, c.relname
        from pg_catalog.pg_publication p
        join pg_catalog.pg_publication_tables t on t.pubname = p.pubname
        join pg_catalog.pg_namespace n on n.nspname = t.schemaname
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
        where p.pubname = %s and (p.pubupdate or p.pubdelete) and n.nspname <> 'wal_monitor'
          and (c.relreplident = 'n' or (c.relreplident = 'd' and not exists (
            select 1 from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary)))
        order by 1, 2
        """
                .formatted(publication);
    }

    static List<Finding> rights(TableName table, List<@Nullable String> row, SlotOptions options) {
        List<Finding> found = new ArrayList<>();
        String role = Catalogue.text(row, 6);
        if (options.manage() && !"t".equals(row.get(2))) {
            found.add(
                    Finding.fault(
                            "rights",
                            "Role "
                                    + role
                                    + " may not publish table "
                                    + table
                                    + ", which belongs to "
                                    + row.get(5)
                                    + ".",
                            "Or have its owner publish it, and set manage to false.",
                            "GRANT "
                                    + Sql.identifier(Catalogue.text(row, 5))
                                    + " TO "
                                    + Sql.identifier(role)));
        }
        if (!"t".equals(row.get(3)) || !"t".equals(row.get(4))) {
            found.add(
                    Finding.warning(
                            "rights",
                            "Role "
                                    + role
                                    + " may not read table "
                                    + table
                                    + ", as caches and conditions that read a row again have to.",
                            "",
                            "GRANT USAGE ON SCHEMA "
                                    + Sql.identifier(table.schema())
                                    + " TO "
                                    + Sql.identifier(role),
                            "GRANT SELECT ON "
                                    + Publication.quoted(table)
                                    + " TO "
                                    + Sql.identifier(role)));
        }
        return found;
    }

    static Finding harmful(TableName table, SlotOptions options) {
        return Finding.fault(
                "identity",
                "Table "
                        + table
                        + " is in publication "
                        + options.publication()
                        + " and has neither a primary key nor a replica identity: the application's own"
                        + " UPDATE and DELETE of it fail.",
                "",
                alter(table, FULL));
    }

    static Finding withoutIdentity(TableName table) {
        return Finding.fault(
                "identity",
                "Table "
                        + table
                        + " has no primary key and no replica identity, so it is not published: that would"
                        + " make the application's own UPDATE and DELETE fail.",
                "",
                alter(table, FULL));
    }

    /**
     * @param columns the generated columns of its replica identity
     */
    static Finding generated(TableName table, String columns) {
        return Finding.fault(
                "identity",
                "Table "
                        + table
                        + " has generated columns in its replica identity ("
                        + columns
                        + ") that are not published: that would make the application's own UPDATE and"
                        + " DELETE fail.",
                "Old values are then not sent.",
                alter(table, " REPLICA IDENTITY DEFAULT"));
    }

    static Finding partition(TableName root, TableName partition) {
        return Finding.fault(
                "partitions",
                "Partition "
                        + partition
                        + " has another replica identity than "
                        + root
                        + ", as which it is published: what it does not send of an old row would be taken"
                        + " for NULL.",
                "",
                alter(partition, FULL));
    }

    /**
     * @param columns those whose values may be kept beside the row
     */
    static Finding large(TableName table, String columns) {
        return Finding.warning(
                "large values",
                "An UPDATE of table "
                        + table
                        + " does not send large values that it leaves as they are (columns "
                        + columns
                        + "): what needs them reads the row again.",
                "It sends them with a full identity, at the price of a longer log.",
                alter(table, FULL));
    }

    private static String alter(TableName table, String what) {
        return "ALTER TABLE " + Publication.quoted(table) + what;
    }
}
