package dev.walmonitor.demo;

import dev.walmonitor.change.Change;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.HandledChange;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells what became of a change as a sentence: what changed, what was done about it, how soon. It
 * shows values of rows, so it is for the demo's own tables alone.
 */
final class Story {
    /** Of these, the first that a table has is what people call a row by. */
    private static final List<String> NAMES = List.of("number", "name", "id");

    private static final int LONGEST_VALUE = 40;

    private Story() {}

    static String of(HandledChange handled) {
        return "%s → %s, %d ms after the commit"
                .formatted(
                        change(handled.change()),
                        result(handled.result()),
                        handled.sinceCommit().toMillis());
    }

    private static String change(RowChange change) {
        String table = change.table().name();
        return switch (change) {
            case RowChange.Insert insert -> "new row in " + table + ": " + name(insert.after());
            case RowChange.Update update ->
                    "%s %s: %s".formatted(table, name(update.after()), differences(update));
            case RowChange.Delete delete -> "gone from " + table + ": " + name(delete.before());
            case RowChange.Truncate truncate -> table + " was emptied";
        };
    }

    private static String name(Row row) {
        return NAMES.stream()
                .filter(column -> row.relation().indexOf(column) >= 0 && row.has(column))
                .findFirst()
                .map(column -> String.valueOf(row.text(column)))
                .orElse("a row");
    }

    /** Of an update whose old row was not sent, only that there was one is known. */
    private static String differences(RowChange.Update update) {
        Map<String, Change> changes = update.changes();
        String told =
                changes.entrySet().stream()
                        .filter(change -> !change.getKey().equals("updated_at"))
                        .map(change ->
                                change.getKey()
                                        + " "
                                        + shown(change.getValue().before())
                                        + " ⇒ "
                                        + shown(change.getValue().after()))
                        .collect(Collectors.joining(", "));
        return told.isEmpty() ? "changed" : told;
    }

    private static String shown(ColumnValue value) {
        return switch (value) {
            case ColumnValue.Text text ->
                    text.text().length() <= LONGEST_VALUE
                            ? text.text()
                            : text.text().substring(0, LONGEST_VALUE) + "…";
            case ColumnValue.Binary binary -> binary.bytes().length + " bytes";
            case ColumnValue.Null nothing -> "nothing";
            case ColumnValue.Absent absent -> "?";
        };
    }

    private static String result(HandlerResult result) {
        return result.fields().isEmpty()
                ? result.action()
                : result.action()
                        + " "
                        + result.fields().entrySet().stream()
                                .map(field -> field.getKey() + "=" + field.getValue())
                                .collect(Collectors.joining(" "));
    }
}
