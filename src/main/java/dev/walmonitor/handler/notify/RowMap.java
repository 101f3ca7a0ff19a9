package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.Recipient;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A change as the templates of a message see it: names and texts, nothing that can be called. */
final class RowMap {

    /** What a name means before it means a column. */
    static final Set<String> RESERVED =
            Set.of("row", "before", "after", "event", "table", "change", "recipient", "enrich");

    private RowMap() {}

    /** Everything that a template may name. */
    static Map<String, @Nullable Object> of(RowChange change) {
        Map<String, @Nullable Object> row = side(change, Side.there(change));
        Map<String, @Nullable Object> all = new HashMap<>(row);
        all.put("row", row);
        all.put("before", side(change, Side.OLD));
        all.put("after", side(change, Side.NEW));
        all.put("event", change.operation().name().toLowerCase(Locale.ROOT));
        all.put("table", change.table().toString());
        all.put("change", Map.of("id", change.id().toString()));
        return all;
    }

    static Map<String, @Nullable Object> of(Recipient recipient) {
        Map<String, @Nullable Object> all = new HashMap<>();
        all.put("name", recipient.name());
        all.put("email", recipient.email());
        all.put("slack", recipient.slack());
        all.put("teams", recipient.teams());
        all.put("locale", recipient.locale());
        return all;
    }

    /** All columns; of a side that has no row, every column is there and is nothing. */
    private static Map<String, @Nullable Object> side(RowChange change, Side side) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        for (Column column : change.relation().columns()) {
            columns.put(
                    column.name(),
                    side.has(change) ? text(side.value(change, column.name())) : null);
        }
        return columns;
    }

    private static @Nullable String text(ColumnValue value) {
        return switch (value) {
            case ColumnValue.Text text -> text.text();
            case ColumnValue.Binary binary -> "(" + binary.bytes().length + " bytes)";
            case ColumnValue.Null nothing -> null;
            case ColumnValue.Absent absent -> "(not sent)";
        };
    }
}
