package dev.walmonitor.sink.sql;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one database. A value is given in the database's own text form and treated as if it
 * stood in the query in quotes; null is NULL.
 *
 * <p>Every failure is a {@link dev.walmonitor.sink.SinkException}.
 */
public interface Queries {

    /**
     * The rows of a query as one JSON array, in the query's order, and what the one snapshot that
     * they were read in could see.
     *
     * @param xids transactions by which the caller asks whether their work was seen
     */
    Uni<Snapshot> snapshot(Query query, List<@Nullable String> values, Set<Integer> xids);

    /** The rows of a query, each an object by column name. */
    Uni<List<JsonObject>> rows(Query query, List<@Nullable String> values);

    /**
     * The names of the columns that a query gives; no row is read. Fails if the database refuses
     * the query: for its text, for what it names, for a missing right.
     */
    Uni<List<String>> columns(Query query);

    /**
     * What was read.
     *
     * @param json an array, {@code []} if there was no row
     * @param rows how many
     * @param snapshot which transactions were seen, as {@code pg_current_snapshot()} prints it
     * @param unseen those of the transactions that were asked for whose work was not seen yet
     */
    record Snapshot(String json, long rows, String snapshot, Set<Integer> unseen) {}
}
