package dev.walmonitor.handler.stream;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.sink.redis.StreamStore;
import dev.walmonitor.sink.redis.StreamStore.Entry;
import io.smallrye.mutiny.Uni;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Appends each change to a stream; one that comes again is known again. Thread-safe. */
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
        return envelope.render(change, Set.of())
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
        return new Entry(spec.key(), spec.maxLength(), id, fields);
    }
}
