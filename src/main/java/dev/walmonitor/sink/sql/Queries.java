package dev.walmonitor.sink.sql;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
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
     * @param marks transactions by which the caller asks whether their work was seen
     */
    Uni<Snapshot> snapshot(Query query, List<@Nullable String> values, Set<Mark> marks);

    /**
     * Goes through the rows of a query page by page, all of them in one snapshot.
     *
     * @param texts columns of the query whose values the caller wants as the log writes them
     * @param each is given a page, and is done with it before the next is read
     * @return how many rows there were
     */
    Uni<Long> scan(Query query, List<String> texts, Function<Page, Uni<Void>> each);

    /** The rows of a query, each an object by column name. */
    Uni<List<JsonObject>> rows(Query query, List<@Nullable String> values);

    /**
     * The names of the columns that a query gives; no row is read. Fails if the database refuses
     * the query: for its text, for what it names, for a missing right.
     */
    Uni<List<String>> columns(Query query);

    /**
     * A transaction of the log.
     *
     * @param xid its number, 32 bits
     * @param commit where it was committed, an unsigned position
     */
    record Mark(int xid, long commit) {}

    /**
     * What was read.
     *
     * @param json an array, {@code []} if there was no row
     * @param rows how many
     * @param snapshot which transactions were seen, as {@code pg_current_snapshot()} prints it; a
     *     replica's means nothing
     * @param replayed of a replica, where in the log it was before the read; null for a primary
     * @param unseen those of the transactions that were asked for whose work was not seen yet
     */
    record Snapshot(
            String json, long rows, String snapshot, @Nullable Long replayed, Set<Mark> unseen) {}

    /**
     * Some rows of a scan.
     *
     * @param snapshot that of the whole scan
     */
    record Page(String snapshot, List<ScannedRow> rows) {}

    /**
     * One row of a scan.
     *
     * @param json an object
     * @param texts in the order in which they were asked for; null for NULL
     */
    record ScannedRow(String json, List<@Nullable String> texts) {}
}
