package dev.walmonitor.checker;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one change did, in words that both decoders have: text by column name.
 *
 * @param table its name at that time, without the schema
 * @param before the old values that are sent and not NULL; empty if no old row is sent
 * @param after the new values that are sent; empty if there is no new row
 */
record Fact(
        String table, Operation operation, Map<String, String> before, Map<String, String> after) {

    /** Stands for SQL NULL in {@link #after}. */
    static final String NULL = "\0null";

    /** A message of a transaction: no change, but it has an ordinal. */
    static final Fact MESSAGE = new Fact("", Operation.INSERT, Map.of(), Map.of());

    static Fact of(RowChange change) {
        return new Fact(
                change.table().name(),
                change.operation(),
                values(change.before(), false),
                values(change.after(), true));
    }

    private static Map<String, String> values(@Nullable Row row, boolean nulls) {
        Map<String, String> values = new LinkedHashMap<>();
        if (row == null) {
            return values;
        }
        List<Column> columns = row.relation().columns();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name();
            switch (row.value(i)) {
                case ColumnValue.Text text -> values.put(name, text.text());
                case ColumnValue.Binary binary ->
                        values.put(name, binary.bytes().length + " bytes in binary form");
                case ColumnValue.Null none -> {
                    if (nulls) {
                        values.put(name, NULL);
                    }
                }
                case ColumnValue.Absent absent -> {}
            }
        }
        return values;
    }

    /** The table that it was made as: names that it was given later begin with the first one. */
    String origin() {
        int end = table.indexOf('_');
        return end < 0 ? table : table.substring(0, end);
    }

    @Override
    public String toString() {
        return operation + " " + table + " " + shown(before) + " -> " + shown(after);
    }

    private static String shown(Map<String, String> values) {
        return values.entrySet().stream()
                .map(e -> e.getKey() + "=" + shown(e.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String shown(String value) {
        return value.length() <= 20 ? value : value.substring(0, 10) + "… of " + value.length();
    }
}
