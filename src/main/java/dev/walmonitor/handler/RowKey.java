package dev.walmonitor.handler;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.rule.KeyCode;
import org.jspecify.annotations.Nullable;

/**
 * A row's key as one text: the values of the columns by which rows of its table are told apart, in
 * the table's order, with {@code :} between them, each written as in the keys of caches. It is kept
 * for long, so this can never change.
 */
public final class RowKey {

    private RowKey() {}

    /** Null if the table has no such columns, or the row does not tell all of them. */
    public static @Nullable String of(@Nullable Row row) {
        if (row == null || row.relation().key().isEmpty()) {
            return null;
        }
        Relation relation = row.relation();
        StringBuilder key = new StringBuilder();
        for (int column : relation.key()) {
            if (!(row.value(column) instanceof ColumnValue.Text value)) {
                return null;
            }
            if (column != relation.key().getFirst()) {
                key.append(':');
            }
            KeyCode.encode(value.text(), key);
        }
        return key.toString();
    }
}
