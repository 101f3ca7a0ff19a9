package dev.walmonitor.monitor;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A change and its table's shape as JSON of our own, from which the very same can be made. */
final class StoredRows {
    private static final String BEFORE = "before";
    private static final String AFTER = "after";
    private static final String HEX = "hex";

    private StoredRows() {}

    static String shape(Relation relation) {
        JsonArray columns = new JsonArray();
        for (Column column : relation.columns()) {
            columns.add(
                    new JsonArray()
                            .add(column.name())
                            .add(column.type())
                            .add(column.typeModifier())
                            .add(column.identity()));
        }
        return new JsonObject()
                .put("oid", relation.oid())
                .put("schema", relation.table().schema())
                .put("table", relation.table().name())
                .put("identity", relation.identity().name())
                .put("columns", columns)
                .put("key", new JsonArray(relation.key()))
                .encode();
    }

    static Relation relation(String shape) {
        JsonObject json = new JsonObject(shape);
        List<Column> columns = new ArrayList<>();
        for (Object each : json.getJsonArray("columns")) {
            JsonArray column = (JsonArray) each;
            columns.add(
                    new Column(
                            column.getString(0),
                            column.getInteger(1),
                            column.getInteger(2),
                            column.getBoolean(3)));
        }
        List<Integer> key = new ArrayList<>();
        json.getJsonArray("key").forEach(index -> key.add((Integer) index));
        return new Relation(
                json.getInteger("oid"),
                new TableName(json.getString("schema"), json.getString("table")),
                ReplicaIdentity.valueOf(json.getString("identity")),
                columns,
                key);
    }

    static String change(RowChange change) {
        JsonObject json = new JsonObject();
        if (change.before() != null) {
            json.put(BEFORE, values(change.before()));
        }
        if (change.after() != null) {
            json.put(AFTER, values(change.after()));
        }
        if (change instanceof RowChange.Truncate truncate) {
            json.put("cascade", truncate.cascade())
                    .put("restart_identity", truncate.restartIdentity());
        }
        return json.encode();
    }

    private static JsonArray values(Row row) {
        JsonArray values = new JsonArray();
        for (ColumnValue value : row.values()) {
            switch (value) {
                case ColumnValue.Text text -> values.add(text.text());
                case ColumnValue.Null nothing -> values.addNull();
                case ColumnValue.Absent absent -> values.add(false);
                case ColumnValue.Binary binary ->
                        values.add(
                                new JsonObject()
                                        .put(HEX, HexFormat.of().formatHex(binary.bytes())));
            }
        }
        return values;
    }

    static RowChange change(
            Transaction transaction,
            int ordinal,
            Operation operation,
            Relation relation,
            String text) {
        JsonObject json = new JsonObject(text);
        Row before = row(relation, json.getJsonArray(BEFORE));
        Row after = row(relation, json.getJsonArray(AFTER));
        return switch (operation) {
            case INSERT -> new RowChange.Insert(transaction, ordinal, there(after));
            case UPDATE -> new RowChange.Update(transaction, ordinal, before, there(after));
            case DELETE -> new RowChange.Delete(transaction, ordinal, there(before));
            case TRUNCATE ->
                    new RowChange.Truncate(
                            transaction,
                            ordinal,
                            relation,
                            json.getBoolean("cascade"),
                            json.getBoolean("restart_identity"));
        };
    }

    private static Row there(@Nullable Row row) {
        return Objects.requireNonNull(row, "a stored change lacks its row");
    }

    private static @Nullable Row row(Relation relation, @Nullable JsonArray values) {
        return values == null
                ? null
                : Row.of(
                        relation,
                        values.stream().map(StoredRows::value).toArray(ColumnValue[]::new));
    }

    private static ColumnValue value(@Nullable Object value) {
        return switch (value) {
            case null -> ColumnValue.Null.NULL;
            case String text -> new ColumnValue.Text(text);
            case JsonObject binary ->
                    new ColumnValue.Binary(HexFormat.of().parseHex(binary.getString(HEX)));
            case Boolean absent -> ColumnValue.Absent.ABSENT;
            default -> throw new IllegalArgumentException("a value of " + value.getClass());
        };
    }
}
