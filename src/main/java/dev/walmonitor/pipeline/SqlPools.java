package dev.walmonitor.pipeline;

import dev.walmonitor.sink.SinkException;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Login;
import dev.walmonitor.source.Logins;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgBuilder;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Pools of connections for the SQL of rules, with the TLS that the URL asks for, and credentials
 * that are asked for with every connection. Thread-safe.
 */
public final class SqlPools implements AutoCloseable {
    private final Vertx vertx;
    private final List<Pool> pools = new CopyOnWriteArrayList<>();

    /**
     * What a pool is to be like.
     *
     * @param name of the pool
     * @param database for messages, such as {@code the database of source main}
     * @param connections how many at most
     * @param like what every connection has besides: timeouts, properties of the session
     */
    public record Wanted(
            String name,
            String database,
            DatabaseUrl url,
            Logins logins,
            int connections,
            PgConnectOptions like) {}

    public SqlPools(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Makes a pool; nothing is connected yet. */
    public Pool open(Wanted wanted) {
        Pool pool =
                PgBuilder.pool()
                        .connectingTo(() ->
                                wanted.logins()
                                        .next()
                                        .onFailure()
                                        .transform(failure -> noLogin(wanted, failure))
                                        .map(login -> options(wanted, login)))
                        .with(
                                new PoolOptions()
                                        .setMaxSize(wanted.connections())
                                        .setShared(true)
                                        .setName(wanted.name()))
                        .using(vertx)
                        .build();
        pools.add(pool);
        return pool;
    }

    private static SinkException noLogin(Wanted wanted, Throwable failure) {
        return new SinkException(
                "The credentials for "
                        + wanted.database()
                        + " cannot be had: "
                        + failure.getMessage(),
                true);
    }

    private static SqlConnectOptions options(Wanted wanted, Login login) {
        DatabaseUrl url = wanted.url();
        PgConnectOptions options =
                new PgConnectOptions(wanted.like())
                        .setHost(url.host())
                        .setPort(url.port())
                        .setDatabase(url.database())
                        .setUser(login.user())
                        .setSslMode(SslMode.of(url.sslMode().word()))
                        .setHostnameVerificationAlgorithm("HTTPS");
        if (login.password() != null) {
            options.setPassword(login.password().value());
        }
        String roots = url.parameters().get("sslrootcert");
        if (roots != null) {
            options.setPemTrustOptions(new PemTrustOptions().addCertPath(roots));
        } else if (url.sslMode() == DatabaseUrl.SslMode.REQUIRE
                || url.sslMode() == DatabaseUrl.SslMode.PREFER) {
            options.setTrustAll(true).setHostnameVerificationAlgorithm("");
        }
        return options;
    }

    @Override
    public void close() {
        pools.forEach(Pool::closeAndForget);
    }
}
