package dev.walmonitor.rule;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of text columns, and changes of its rows, each in a transaction of its own. */
public record SampleTable(Relation relation) {
    private static final int TEXT = 25;

    /** Stands for a value that the log did not send. */
    public static final String ABSENT = new String("absent");

    /**
     * A table with the replica identity.
     *
     * @param columns their names; a name that ends with {@code *} belongs to the primary key
     */
    public static SampleTable of(String table, ReplicaIdentity identity, String... columns) {
        List<Column> all = new ArrayList<>();
        List<Integer> key = new ArrayList<>();
        for (String column : columns) {
            boolean isKey = column.endsWith("*");
            String name = isKey ? column.substring(0, column.length() - 1) : column;
            if (isKey) {
                key.add(all.size());
            }
            boolean flagged =
                    switch (identity) {
                        case FULL -> true;
                        case NOTHING -> false;
                        case DEFAULT, INDEX -> isKey;
                    };
            all.add(new Column(name, TEXT, -1, flagged));
        }
        return new SampleTable(new Relation(16_384, TableName.parse(table), identity, all, key));
    }

    /** A row; null is NULL, {@link #ABSENT} was not sent. */
    @SuppressWarnings("ReferenceEquality") // the mark, not a text like it
    public Row row(@Nullable String... values) {
        ColumnValue[] all = new ColumnValue[values.length];
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (value == null) {
                all[i] = ColumnValue.Null.NULL;
            } else {
                all[i] = value == ABSENT ? ColumnValue.Absent.ABSENT : new ColumnValue.Text(value);
            }
        }
        return Row.of(relation, all);
    }

    public RowChange insert(int xid, Row row) {
        return new RowChange.Insert(transaction(xid), 0, row);
    }

    public RowChange update(int xid, @Nullable Row before, Row after) {
        return new RowChange.Update(transaction(xid), 0, before, after);
    }

    public RowChange delete(int xid, Row row) {
        return new RowChange.Delete(transaction(xid), 0, row);
    }

    public RowChange truncate(int xid) {
        return new RowChange.Truncate(transaction(xid), 0, relation, false, false);
    }

    private static Transaction transaction(int xid) {
        return new Transaction(
                "main", 1, new Lsn(0x1000L + xid), Instant.parse("2026-01-01T00:00:00Z"), xid);
    }
}
