package dev.walmonitor.change;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row as the log shows it. Immutable, on the heap and independent of any buffer, so it may be
 * kept. Values are decoded when they are asked for: a column that nobody reads costs nothing.
 */
public interface Row {

    Relation relation();

    /**
     * @param column an index into {@link Relation#columns()}
     */
    ColumnValue value(int column);

    /** About how much memory the row keeps, in bytes. */
    default int weight() {
        return 64 * size();
    }

    /** The number of columns that are there; the same as the relation's. */
    default int size() {
        return relation().columns().size();
    }

    /** All values, in the order of the columns; cheaper than asking for one after the other. */
    default List<ColumnValue> values() {
        List<ColumnValue> values = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            values.add(value(i));
        }
        return values;
    }

    /**
     * @throws IllegalArgumentException as {@link Relation#require} does
     */
    default ColumnValue value(String column) {
        return value(relation().require(column));
    }

    /**
     * The column's text, or null if it is NULL or was not sent.
     *
     * @throws IllegalArgumentException as {@link Relation#require} does
     * @throws IllegalStateException if the value came in a binary form of which the text is not
     *     known; the message names the column and its type
     */
    default @Nullable String text(String column) {
        int index = relation().require(column);
        ColumnValue value = value(index);
        if (value instanceof ColumnValue.Binary) {
            throw new IllegalStateException(
                    "The text of "
                            + relation().table()
                            + "."
                            + column
                            + " is not known: it came in the binary form of type "
                            + Integer.toUnsignedString(relation().columns().get(index).type())
                            + " (an OID of pg_type). Set binary to false for the source");
        }
        return value.textOrNull();
    }

    /** Whether the log holds a value (NULL included) for the column. */
    default boolean has(String column) {
        return value(column) != ColumnValue.Absent.ABSENT;
    }

    /** Whether the log holds a value (NULL included) for each of the columns. */
    default boolean has(List<Integer> columns) {
        for (int i : columns) {
            if (value(i) == ColumnValue.Absent.ABSENT) {
                return false;
            }
        }
        return true;
    }

    /**
     * A hash of the given columns, equal for equal values, for spreading rows over lanes. {@code
     * NULL} and absent hash alike.
     */
    default int hash(List<Integer> columns) {
        int h = 1;
        for (int i : columns) {
            h =
                    31 * h
                            + switch (value(i)) {
                                case ColumnValue.Text t -> t.text().hashCode();
                                case ColumnValue.Binary b -> b.hashCode();
                                case ColumnValue.Null n -> 0;
                                case ColumnValue.Absent a -> 0;
                            };
        }
        return h;
    }

    /** A row of given values, one for each column of the relation. */
    static Row of(Relation relation, ColumnValue... values) {
        return new ValueRow(relation, List.of(values));
    }
}
