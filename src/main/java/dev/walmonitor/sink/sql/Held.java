package dev.walmonitor.sink.sql;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.function.Function;

/**
 * Connections of a pool while somebody holds them. He hears of their end by what he asks of them;
 * unheard, the client prints it too.
 */
final class Held {

    private Held() {}

    /** One connection, given back at the end. */
    static <T> Uni<T> of(Pool pool, Function<SqlConnection, Uni<T>> work) {
        return pool.withConnection(connection -> work.apply(heard(connection)));
    }

    /** One transaction, committed at the end, or rolled back by a failure. */
    static <T> Uni<T> inTransaction(Pool pool, Function<SqlConnection, Uni<T>> work) {
        return pool.withTransaction(connection -> work.apply(heard(connection)));
    }

    private static SqlConnection heard(SqlConnection connection) {
        connection.exceptionHandler(failure -> {});
        return connection;
    }
}
