package dev.walmonitor.source.postgres.simulation;

import dev.walmonitor.change.TableName;
import dev.walmonitor.source.postgres.wire.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table and the keys of the rows in it that are ours. Owned by one simulation.
 *
 * @param rows the keys, as texts in the order of the key's columns
 */
record SampleTable(TableName name, List<SampleColumn> columns, List<List<@Nullable String>> rows) {

    /** Every column of the tables that rules may be about, a row a column. */
    static final String COLUMNS =
            """
            select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   case when t.typname in ('json', 'jsonb', 'uuid') then 'U' else t.typcategory end,
                   a.attnotnull,
                   a.attidentity <> '' or a.attgenerated <> '' or a.atthasdef,
                   coalesce(a.attnum = any (pk.indkey), false),
                   exists (select 1 from pg_catalog.pg_index u where u.indrelid = c.oid and u.indisunique
                           and not u.indisprimary and a.attnum = any (u.indkey)),
                   exists (select 1 from pg_catalog.pg_constraint k where k.conrelid = c.oid
                           and k.contype in ('c', 'f') and a.attnum = any (k.conkey)),
                   (select format('select %I from %s limit 1', ra.attname, f.confrelid::regclass)
                    from pg_catalog.pg_constraint f
                    join pg_catalog.pg_attribute ra on ra.attrelid = f.confrelid and ra.attnum = f.confkey[1]
                    where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum] limit 1),
                   a.attidentity = 'a' or a.attgenerated <> ''
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            join pg_catalog.pg_type t on t.oid = a.atttypid
            left join pg_catalog.pg_index pk on pk.indrelid = c.oid and pk.indisprimary
            where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition
              and n.nspname not in ('pg_catalog', 'information_schema', 'wal_monitor') and n.nspname !~ '^pg_'
            order by 1, 2, a.attnum
            """;

    SampleTable(TableName name, List<SampleColumn> columns) {
        this(name, List.copyOf(columns), new ArrayList<>());
    }

    String quoted() {
        return Sql.identifier(name.schema()) + "." + Sql.identifier(name.name());
    }

    private List<SampleColumn> key() {
        return columns.stream().filter(SampleColumn::key).toList();
    }

    /** Why nothing can be inserted; null if it can. */
    @Nullable String unfit() {
        if (key().isEmpty()) {
            return "it has no primary key, by which its own rows could be told from yours";
        }
        for (SampleColumn column : columns) {
            if (!column.made() && column.inserted(quoted()) == null) {
                return "no new value can be made up for its column " + column.name();
            }
        }
        return null;
    }

    /** Inserts a row that is like another one; answers its key. */
    String insert() {
        List<SampleColumn> given = columns.stream().filter(column -> !column.made()).toList();
        String keys =
                key().stream()
                        .map(column -> column.quoted() + "::text")
                        .collect(Collectors.joining(", "));
        if (given.isEmpty()) {
            return "insert into " + quoted() + " default values returning " + keys;
        }
        return "insert into "
                + quoted()
                + " ("
                + given.stream().map(SampleColumn::quoted).collect(Collectors.joining(", "))
                + ") select "
                + given.stream()
                        .map(column -> String.valueOf(column.inserted(quoted())))
                        .collect(Collectors.joining(", "))
                + " from (select 1) one left join lateral (select * from (select * from "
                + quoted()
                + " limit 100) s order by random() limit 1) r on true returning "
                + keys;
    }

    /** Gives a row of ours another value; null if no column may have one. */
    @Nullable String update(int row, RandomGenerator random) {
        List<SampleColumn> changeable =
                columns.stream().filter(SampleColumn::isChangeable).toList();
        if (changeable.isEmpty()) {
            return null;
        }
        SampleColumn column = changeable.get(random.nextInt(changeable.size()));
        return "update "
                + quoted()
                + " set "
                + column.quoted()
                + " = "
                + column.updated(quoted())
                + where(rows.get(row));
    }

    String delete(int row) {
        return "delete from " + quoted() + where(rows.get(row));
    }

    private String where(List<@Nullable String> values) {
        List<SampleColumn> key = key();
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            terms.add(
                    key.get(i).quoted()
                            + " = "
                            + Sql.literal(String.valueOf(values.get(i)))
                            + "::"
                            + key.get(i).type());
        }
        return " where " + String.join(" and ", terms);
    }
}
