package dev.walmonitor.handler.json;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.ColumnValue.Null;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two rows of a change, each filled from the other where that is sure, and what changed.
 *
 * @param old one value for each column; null if there was no row, or no single one
 * @param now likewise
 * @param changed the columns that got another value, in the table's order; null if that is not
 *     known of all of them
 */
record Sides(
        @Nullable List<ColumnValue> old,
        @Nullable List<ColumnValue> now,
        @Nullable List<String> changed) {

    static Sides of(RowChange change) {
        return switch (change) {
            case RowChange.Insert i -> {
                List<ColumnValue> now = i.after().values();
                yield new Sides(null, now, there(i.relation(), now));
            }
            case RowChange.Delete d -> {
                List<ColumnValue> old = d.before().values();
                yield new Sides(old, null, there(d.relation(), old));
            }
            case RowChange.Truncate t -> new Sides(null, null, null);
            case RowChange.Update u -> of(u);
        };
    }

    private static Sides of(RowChange.Update update) {
        List<Column> columns = update.relation().columns();
        List<ColumnValue> sent = update.after().values();
        List<ColumnValue> old = new ArrayList<>(columns.size());
        List<ColumnValue> now = new ArrayList<>(columns.size());
        List<String> changed = new ArrayList<>();
        boolean known = true;
        for (int i = 0; i < columns.size(); i++) {
            ColumnValue after = sent.get(i);
            ColumnValue before = before(update, i, after);
            old.add(before);
            now.add(after == Absent.ABSENT ? before : after);
            if (after != Absent.ABSENT && !after.equals(before)) {
                known &= before != Absent.ABSENT;
                changed.add(columns.get(i).name());
            }
        }
        return new Sides(old, now, known ? changed : null);
    }

    /**
     * When no old row was sent, a column of the identity still has the value that it had. Under
     * FULL an old row is always sent, but for a partition whose own identity is another than that
     * of the table it is published as: then nothing is known.
     */
    private static ColumnValue before(RowChange.Update update, int column, ColumnValue after) {
        Row row = update.before();
        if (row != null) {
            return row.value(column);
        }
        Relation relation = update.relation();
        boolean kept =
                relation.columns().get(column).identity()
                        && relation.identity() != ReplicaIdentity.FULL;
        return kept ? after : Absent.ABSENT;
    }

    /** The columns with a value, of a row that came or went as a whole. */
    private static @Nullable List<String> there(Relation relation, List<ColumnValue> row) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            if (row.get(i) == Absent.ABSENT) {
                return null;
            }
            if (row.get(i) != Null.NULL) {
                names.add(relation.columns().get(i).name());
            }
        }
        return names;
    }
}
