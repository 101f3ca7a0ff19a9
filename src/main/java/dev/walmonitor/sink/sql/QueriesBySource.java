package dev.walmonitor.sink.sql;

import dev.walmonitor.change.TableName;
import java.util.Optional;

/** Where the queries of a rule run. */
public interface QueriesBySource {

    /**
     * The database where the queries of a source's rules run: the one that it watches, or a replica
     * of it.
     *
     * @throws IllegalArgumentException if there is no source of that name
     */
    Queries of(String source);

    /**
     * The database that a source watches.
     *
     * @throws IllegalArgumentException if there is no source of that name
     */
    default Queries primary(String source) {
        return of(source);
    }

    /** What of a table's rows a source keeps from everybody; empty if it shows them as they are. */
    default Optional<Veil> veil(String source, TableName table) {
        return Optional.empty();
    }
}
