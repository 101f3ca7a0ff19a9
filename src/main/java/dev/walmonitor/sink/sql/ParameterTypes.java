package dev.walmonitor.sink.sql;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What PostgreSQL takes the values of queries for. Thread-safe.
 *
 * <p>A value can be sent as text only if the statement says which type it is to become. The server
 * is asked once a query what it takes each value for, and every value is cast to that.
 */
final class ParameterTypes {
    private final Pool pool;
    private final Map<Query, List<String>> types = new ConcurrentHashMap<>();

    ParameterTypes(Pool pool) {
        this.pool = pool;
    }

    /** The statement whose values are text that is cast. */
    Uni<String> text(Query query) {
        List<String> known = query.parameters() == 0 ? List.of() : types.get(query);
        return (known != null ? Uni.createFrom().item(known) : ask(query)).map(query::text);
    }

    /** Asks the server; fails if it refuses the query. */
    Uni<List<String>> ask(Query query) {
        return Held.of(pool, connection -> ask(connection, query.text()))
                .invoke(found -> {
                    if (found.size() != query.parameters()) {
                        throw new SinkException(
                                "A query has "
                                        + found.size()
                                        + " parameters where "
                                        + query.parameters()
                                        + " placeholders stand; a placeholder may not stand"
                                        + " within quotes or a comment",
                                false);
                    }
                    types.put(query, found);
                });
    }

    /** The next time it is asked again. */
    void forget(Query query) {
        types.remove(query);
    }

    private static Uni<List<String>> ask(SqlConnection connection, String statement) {
        return connection
                .prepare(statement)
                .chain(prepared ->
                        connection
                                .preparedQuery(
                                        "select parameter_types::text[] from"
                                                + " pg_prepared_statements where statement = $1")
                                .execute(Tuple.of(statement))
                                .call(prepared::close))
                .map(rows -> List.of(rows.iterator().next().getArrayOfStrings(0)));
    }
}
