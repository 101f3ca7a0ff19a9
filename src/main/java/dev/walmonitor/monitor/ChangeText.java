package dev.walmonitor.monitor;

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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change as text from which it can be made again, exactly: its transaction, the shape of its
 * table at the time, its values, and which were not sent. Thread-safe.
 */
final class ChangeText {
    private static final int SHAPES = 1_000;
    private static final Base64.Encoder ENCODER = Base64.getEncoder();

    /** Tables of the same shape are to be one instance, as everybody keeps what they know by it. */
    private final Map<String, Relation> shapes =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Relation> eldest) {
                    return size() > SHAPES;
                }
            };

    String write(RowChange change) {
        Transaction transaction = change.transaction();
        JsonObject json =
                new JsonObject()
                        .put("operation", change.operation().name())
                        .put("source", transaction.source())
                        .put("epoch", transaction.epoch())
                        .put("commit", transaction.commit().text())
                        .put("time", transaction.time().toString())
                        .put("xid", transaction.xid())
                        .put("ordinal", change.ordinal())
                        .put("relation", relation(change.relation()));
        Row before = change.before();
        if (before != null) {
            json.put("before", values(before));
        }
        Row after = change.after();
        if (after != null) {
            json.put("after", values(after));
        }
        if (change instanceof RowChange.Truncate truncate) {
            json.put("cascade", truncate.cascade())
                    .put("restart_identity", truncate.restartIdentity());
        }
        return json.encode();
    }

    private static String relation(Relation relation) {
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
                .put("key", new JsonArray(relation.key()))
                .put("columns", columns)
                .encode();
    }

    private static JsonArray values(Row row) {
        JsonArray values = new JsonArray();
        for (ColumnValue value : row.values()) {
            switch (value) {
                case ColumnValue.Text text -> values.add(text.text());
                case ColumnValue.Binary binary ->
                        values.add(
                                new JsonObject()
                                        .put("base64", ENCODER.encodeToString(binary.bytes())));
                case ColumnValue.Null none -> values.addNull();
                case ColumnValue.Absent absent -> values.add(false);
            }
        }
        return values;
    }

    /**
     * @throws IllegalArgumentException if the text is not one of ours
     */
    RowChange read(String text) {
        try {
            return read(new JsonObject(text));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Expected a change as this build writes it, got something else ("
                            + e.getClass().getSimpleName()
                            + ")",
                    e);
        }
    }

    private RowChange read(JsonObject json) {
        Transaction transaction =
                new Transaction(
                        json.getString("source"),
                        json.getLong("epoch"),
                        Lsn.parse(json.getString("commit")),
                        Instant.parse(json.getString("time")),
                        json.getInteger("xid"));
        int ordinal = json.getInteger("ordinal");
        Relation relation = shape(json.getString("relation"));
        Operation operation = Operation.valueOf(json.getString("operation"));
        return switch (operation) {
            case INSERT -> new RowChange.Insert(transaction, ordinal, row(relation, json, "after"));
            case UPDATE ->
                    new RowChange.Update(
                            transaction,
                            ordinal,
                            json.containsKey("before") ? row(relation, json, "before") : null,
                            row(relation, json, "after"));
            case DELETE ->
                    new RowChange.Delete(transaction, ordinal, row(relation, json, "before"));
            case TRUNCATE ->
                    new RowChange.Truncate(
                            transaction,
                            ordinal,
                            relation,
                            json.getBoolean("cascade"),
                            json.getBoolean("restart_identity"));
        };
    }

    private Relation shape(String text) {
        synchronized (shapes) {
            return shapes.computeIfAbsent(text, ChangeText::relation);
        }
    }

    private static Relation relation(String text) {
        JsonObject json = new JsonObject(text);
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

    private static Row row(Relation relation, JsonObject json, String side) {
        JsonArray values = json.getJsonArray(side);
        ColumnValue[] row = new ColumnValue[values.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = value(values.getValue(i));
        }
        return Row.of(relation, row);
    }

    private static ColumnValue value(@Nullable Object json) {
        return switch (json) {
            case null -> ColumnValue.Null.NULL;
            case String text -> new ColumnValue.Text(text);
            case Boolean absent -> ColumnValue.Absent.ABSENT;
            case JsonObject binary ->
                    new ColumnValue.Binary(Base64.getDecoder().decode(binary.getString("base64")));
            default -> throw new IllegalArgumentException("a value of " + json.getClass());
        };
    }
}
