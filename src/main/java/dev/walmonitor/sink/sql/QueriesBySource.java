package dev.walmonitor.sink.sql;

/** Where the queries of a rule run. */
public interface QueriesBySource {

    /**
     * The database that a source watches.
     *
     * @throws IllegalArgumentException if there is no source of that name
     */
    Queries of(String source);
}
