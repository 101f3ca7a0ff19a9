package dev.walmonitor.handler.json;

import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.QueriesBySource;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The envelope of each source; what one rule learned of its types, all of them know. */
@Singleton
public final class Envelopes {
    private final Function<String, Queries> queries;
    private final Map<String, ChangeEnvelope> bySource = new ConcurrentHashMap<>();

    @Inject
    Envelopes(Instance<QueriesBySource> queries) {
        this(source -> queries.get().primary(source));
    }

    /**
     * @param queries of the database that a source watches; may throw if there is none
     */
    public Envelopes(Function<String, Queries> queries) {
        this.queries = queries;
    }

    /** Of a source; its database is asked for when there is a type that not every one has. */
    public ChangeEnvelope of(String source) {
        return bySource.computeIfAbsent(
                source, name -> new ChangeEnvelope(new TypeShapes(() -> queries.apply(name))));
    }
}
