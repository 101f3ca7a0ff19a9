package dev.walmonitor.sink.sql;

import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.Map;

/** A pool to a test's database, and the Vert.x that it runs on. Close it at the end. */
public record TestPool(Vertx vertx, Pool pool) implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * @param url such as those of the embedded servers
     */
    public static TestPool of(String url) {
        return of(url, PgQueries.SESSION, 2);
    }

    /** One whose sessions may write. */
    public static TestPool writing(String url) {
        return of(url, PgStatements.session(TIMEOUT), 8);
    }

    private static TestPool of(String url, Map<String, String> session, int connections) {
        Vertx vertx = Vertx.vertx();
        PgConnectOptions options = PgConnectOptions.fromUri(url);
        session.forEach(options::addProperty);
        return new TestPool(
                vertx,
                Pool.newInstance(
                        PgBuilder.pool()
                                .with(new PoolOptions().setMaxSize(connections))
                                .connectingTo(options)
                                .using(vertx)
                                .build()));
    }

    public PgQueries queries() {
        return queries(TIMEOUT);
    }

    /** Statements of a pool that may write. */
    public PgStatements statements() {
        return statements("wal_monitor");
    }

    public PgStatements statements(String ledgerSchema) {
        return new PgStatements(pool, "the datasource shop", TIMEOUT, ledgerSchema);
    }

    public PgQueries queries(Duration timeout) {
        return new PgQueries(pool, "the database of source main", timeout);
    }

    @Override
    public void close() {
        pool.closeAndAwait();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
