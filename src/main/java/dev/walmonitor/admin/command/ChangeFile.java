package dev.walmonitor.admin.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change that somebody wrote down, in the form of the envelope: {@code operation}, {@code schema}
 * (default {@code public}), {@code table}, {@code old}, {@code new}. Other fields are not looked
 * at.
 */
record ChangeFile(
        Operation operation, TableName table, @Nullable JsonNode before, @Nullable JsonNode after) {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /**
     * @throws IllegalArgumentException if it is no such JSON; the message says what was expected
     */
    static ChangeFile parse(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Expected JSON, got something else at " + where(e), e);
        }
        if (!root.isObject() || !root.path("table").isTextual()) {
            throw new IllegalArgumentException(
                    "Expected an object such as {\"operation\": \"UPDATE\", \"schema\": \"public\", \"table\": \"roles\","
                            + " \"old\": {…}, \"new\": {…}}");
        }
        Operation operation = operation(root.path("operation").asText(""));
        ChangeFile file =
                new ChangeFile(
                        operation,
                        new TableName(
                                root.path("schema").asText("public"), root.path("table").asText()),
                        row(root, "old"),
                        row(root, "new"));
        file.demandRows();
        return file;
    }

    private static String where(JsonProcessingException e) {
        return "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    }

    private static Operation operation(String word) {
        for (Operation operation : Operation.values()) {
            if (operation.name().equals(word.toUpperCase(Locale.ROOT))) {
                return operation;
            }
        }
        throw new IllegalArgumentException(
                "Expected an operation of "
                        + Arrays.toString(Operation.values())
                        + ", got \""
                        + word
                        + "\"");
    }

    private static @Nullable JsonNode row(JsonNode root, String side) {
        JsonNode row = root.path(side);
        return row.isObject() ? row : null;
    }

    private void demandRows() {
        boolean needsNew = operation == Operation.INSERT || operation == Operation.UPDATE;
        if (needsNew && after == null) {
            throw new IllegalArgumentException(
                    "Expected the object \"new\" of an " + operation + ", got none");
        }
        if (operation == Operation.DELETE && before == null) {
            throw new IllegalArgumentException("Expected the object \"old\" of a DELETE, got none");
        }
    }

    /** The table as far as the change shows it: its columns, and types that hold their values. */
    Relation relation() {
        Map<String, Integer> types = new LinkedHashMap<>();
        for (JsonNode row : new @Nullable JsonNode[] {before, after}) {
            if (row != null) {
                row.properties()
                        .forEach(field ->
                                types.merge(
                                        field.getKey(),
                                        type(field.getValue()),
                                        (a, b) -> b == 25 ? a : b));
            }
        }
        List<Column> columns =
                types.entrySet().stream()
                        .map(e -> new Column(e.getKey(), e.getValue(), -1, true))
                        .toList();
        return new Relation(0, table, ReplicaIdentity.FULL, columns, List.of());
    }

    private static int type(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> 16;
            case NUMBER -> value.isIntegralNumber() && value.canConvertToLong() ? 20 : 1700;
            default -> 25;
        };
    }

    /**
     * The change of a row of the table; a column that was not written down was not sent.
     *
     * @throws IllegalArgumentException if the table has no such column
     */
    RowChange change(Relation relation) {
        Transaction transaction =
                new Transaction(
                        "main",
                        1,
                        new Lsn(1),
                        Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS),
                        0);
        return switch (operation) {
            case INSERT -> new RowChange.Insert(transaction, 0, row(relation, after));
            case UPDATE ->
                    new RowChange.Update(
                            transaction,
                            0,
                            before == null ? null : row(relation, before),
                            row(relation, after));
            case DELETE -> new RowChange.Delete(transaction, 0, row(relation, before));
            case TRUNCATE -> new RowChange.Truncate(transaction, 0, relation, false, false);
        };
    }

    private static Row row(Relation relation, @Nullable JsonNode written) {
        List<ColumnValue> values = new ArrayList<>();
        for (Column column : relation.columns()) {
            values.add(value(written == null ? null : written.get(column.name())));
        }
        if (written != null) {
            written.fieldNames()
                    .forEachRemaining(name -> {
                        var _ = relation.require(name);
                    });
        }
        return Row.of(relation, values.toArray(ColumnValue[]::new));
    }

    private static ColumnValue value(@Nullable JsonNode value) {
        if (value == null) {
            return ColumnValue.Absent.ABSENT;
        }
        return switch (value.getNodeType()) {
            case NULL -> ColumnValue.Null.NULL;
            case BOOLEAN -> new ColumnValue.Text(value.booleanValue() ? "t" : "f");
            case NUMBER -> new ColumnValue.Text(value.decimalValue().toPlainString());
            case STRING -> new ColumnValue.Text(value.textValue());
            default -> new ColumnValue.Text(value.toString());
        };
    }
}
