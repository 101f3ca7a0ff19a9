package dev.walmonitor.monitor;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.change.Transaction;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change as text from which it can be made again, exactly: its transaction, and what {@link
 * StoredRows} writes of its table's shape and its rows. Thread-safe.
 */
final class ChangeText {
    private static final int SHAPES = 1_000;

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
        JsonObject text = new JsonObject();
        TraceContext trace = transaction.trace();
        if (trace != null) {
            text.put("traceparent", trace.traceparent()).put("tracestate", trace.tracestate());
        }
        return text.put("operation", change.operation().name())
                .put("source", transaction.source())
                .put("epoch", transaction.epoch())
                .put("commit", transaction.commit().text())
                .put("time", transaction.time().toString())
                .put("xid", transaction.xid())
                .put("delivery", transaction.delivery().name())
                .put("ordinal", change.ordinal())
                .put("relation", StoredRows.shape(change.relation()))
                .put("rows", StoredRows.change(change))
                .encode();
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
                        json.getInteger("xid"),
                        Delivery.valueOf(json.getString("delivery", Delivery.FIRST.name())),
                        trace(json));
        return StoredRows.change(
                transaction,
                json.getInteger("ordinal"),
                Operation.valueOf(json.getString("operation")),
                shape(json.getString("relation")),
                json.getString("rows"));
    }

    private static @Nullable TraceContext trace(JsonObject json) {
        String parent = json.getString("traceparent");
        return parent == null ? null : new TraceContext(parent, json.getString("tracestate"));
    }

    private Relation shape(String text) {
        synchronized (shapes) {
            return shapes.computeIfAbsent(text, StoredRows::relation);
        }
    }
}
