package dev.walmonitor.sink.sql;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A database that gives the same rows to every query, and notes what it was asked.
 *
 * @param asked the statement with {@code ?} for its values, and the values
 */
public record FakeQueries(Uni<List<JsonObject>> answer, List<String> asked) implements Queries {

    /** Must not be asked. */
    public static final FakeQueries NONE =
            new FakeQueries(
                    Uni.createFrom().failure(new AssertionError("a query was asked")),
                    new ArrayList<>());

    public static FakeQueries giving(List<JsonObject> rows) {
        return new FakeQueries(Uni.createFrom().item(rows), new ArrayList<>());
    }

    @Override
    public Uni<Snapshot> snapshot(Query query, List<@Nullable String> values, Set<Mark> marks) {
        throw new UnsupportedOperationException("no rule of this test reads a snapshot");
    }

    @Override
    public Uni<Long> scan(Query query, List<String> texts, Function<Page, Uni<Void>> each) {
        throw new UnsupportedOperationException("no rule of this test scans a table");
    }

    @Override
    public Uni<List<JsonObject>> rows(Query query, List<@Nullable String> values) {
        asked.add(String.join("?", query.fragments()) + " " + values);
        return answer;
    }

    @Override
    public Uni<List<String>> columns(Query query) {
        return answer.map(
                rows -> rows.isEmpty() ? List.of() : List.copyOf(rows.getFirst().fieldNames()));
    }
}
