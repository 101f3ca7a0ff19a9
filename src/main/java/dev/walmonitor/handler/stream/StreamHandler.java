package dev.walmonitor.handler.stream;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.sink.redis.StreamStore;
import dev.walmonitor.sink.redis.StreamStore.Entry;
import io.smallrye.mutiny.Uni;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Appends each change to a stream; one that comes again is known again, unless an operator wants it
 * there once more. Thread-safe.
 */
final class StreamHandler implements ChangeHandler {
    private final StreamSpec spec;
    private final StreamStore streams;
    private final ChangeEnvelope envelope;

    StreamHandler(StreamSpec spec, StreamStore streams, ChangeEnvelope envelope) {
        this.spec = spec;
        this.streams = streams;
        this.envelope = envelope;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return envelope.render(change, ChangeEnvelope.marks(change))
                .chain(json -> streams.append(entry(change, json)))
                .map(appended ->
                        HandlerResult.of(appended ? "appended" : "known")
                                .with("stream", spec.key()));
    }

    private Entry entry(RowChange change, String json) {
        String id = ChangeEnvelope.id(change);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("operation", change.operation().name());
        fields.put("table", change.table().toString());
        fields.put("change", json);
        return new Entry(spec.key(), spec.maxLength(), known(change, id), fields);
    }

    /** By which the entry is known again. */
    private static String known(RowChange change, String id) {
        return change.transaction().delivery() == Delivery.REPLAY
                ? id + ':' + UUID.randomUUID()
                : id;
    }
}
