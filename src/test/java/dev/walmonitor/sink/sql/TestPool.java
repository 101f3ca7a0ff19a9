package dev.walmonitor.sink.sql;

import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;

/** A pool to a test's database, and the Vert.x that it runs on. Close it at the end. */
public record TestPool(Vertx vertx, Pool pool) implements AutoCloseable {

    /**
     * @param url such as those of the embedded servers
     */
    public static TestPool of(String url) {
        PgConnectOptions options = PgConnectOptions.fromUri(url);
        PgQueries.SESSION.forEach(options::addProperty);
        return of(options);
    }

    /**
     * One that may write.
     *
     * @param url such as those of the embedded servers
     */
    public static TestPool writing(String url) {
        return of(PgConnectOptions.fromUri(url));
    }

    private static TestPool of(PgConnectOptions options) {
        Vertx vertx = Vertx.vertx();
        return new TestPool(
                vertx,
                Pool.newInstance(
                        PgBuilder.pool()
                                .with(new PoolOptions().setMaxSize(2))
                                .connectingTo(options)
                                .using(vertx)
                                .build()));
    }

    public PgQueries queries() {
        return queries(Duration.ofSeconds(10));
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
