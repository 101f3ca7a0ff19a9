package dev.walmonitor.change;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a table at the time of a change: what the log said, not what the catalogue says now.
 * A new instance is made whenever the shape or the key changes, so two changes with the same
 * instance can be treated alike, and whatever is worked out from a relation can be kept by
 * identity.
 */
public final class Relation {
    private final int oid;
    private final TableName table;
    private final ReplicaIdentity identity;
    private final List<Column> columns;
    private final List<Integer> key;

    /**
     * @param key indexes of the columns by which rows of the table are told apart, ascending; empty
     *     if none is known: then no two changes of the table may overtake each other
     */
    public Relation(
            int oid,
            TableName table,
            ReplicaIdentity identity,
            List<Column> columns,
            List<Integer> key) {
        this.oid = oid;
        this.table = table;
        this.identity = identity;
        this.columns = List.copyOf(columns);
        this.key = List.copyOf(key);
    }

    public int oid() {
        return oid;
    }

    public TableName table() {
        return table;
    }

    public ReplicaIdentity identity() {
        return identity;
    }

    public List<Column> columns() {
        return columns;
    }

    public List<Integer> key() {
        return key;
    }

    /** The index of a column, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The index of a column.
     *
     * @throws IllegalArgumentException if the table has no such column; the message lists those it
     *     has
     */
    public int require(String column) {
        int i = indexOf(column);
        if (i < 0) {
            List<String> names = columns.stream().map(Column::name).toList();
            throw new IllegalArgumentException(
                    "Table "
                            + table
                            + " has no column \""
                            + column
                            + "\"; it has "
                            + String.join(", ", names));
        }
        return i;
    }

    public List<String> keyNames() {
        List<String> names = new ArrayList<>(key.size());
        for (int i : key) {
            names.add(columns.get(i).name());
        }
        return names;
    }

    @Override
    public String toString() {
        return table
                + " (oid "
                + Integer.toUnsignedString(oid)
                + ", "
                + columns.size()
                + " columns)";
    }
}
