package dev.walmonitor.rule;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import org.jspecify.annotations.Nullable;

/** The row before a change, and the row after it, each filled from the other where that is sure. */
public enum Side {
    /** Before the change. What no update touched and identifies the row is what it is now. */
    OLD,
    /** After it. A large value that was left out because it did not change is what it was. */
    NEW;

    /**
     * The column's value on this side; absent if the side has no row or the log did not say.
     *
     * @throws IllegalArgumentException if the table has no such column
     */
    public ColumnValue value(RowChange change, String column) {
        return switch (change) {
            case RowChange.Insert i -> this == NEW ? i.after().value(column) : Absent.ABSENT;
            case RowChange.Delete d -> this == OLD ? d.before().value(column) : Absent.ABSENT;
            case RowChange.Truncate t -> Absent.ABSENT;
            case RowChange.Update u -> this == NEW ? after(u, column) : before(u, column);
        };
    }

    /** Whether the change has a row on this side. */
    public boolean has(RowChange change) {
        return switch (change) {
            case RowChange.Insert i -> this == NEW;
            case RowChange.Delete d -> this == OLD;
            case RowChange.Truncate t -> false;
            case RowChange.Update u -> true;
        };
    }

    /** The side of the row that is there: the new one, or the old one of a DELETE. */
    public static Side there(RowChange change) {
        return change instanceof RowChange.Delete ? OLD : NEW;
    }

    private static ColumnValue after(RowChange.Update update, String column) {
        ColumnValue now = update.after().value(column);
        Row before = update.before();
        return now == Absent.ABSENT && before != null ? before.value(column) : now;
    }

    private static ColumnValue before(RowChange.Update update, String column) {
        @Nullable Row before = update.before();
        if (before != null) {
            return before.value(column);
        }
        int index = update.relation().indexOf(column);
        ColumnValue now = update.after().value(column);
        return update.relation().columns().get(index).identity() ? now : Absent.ABSENT;
    }
}
