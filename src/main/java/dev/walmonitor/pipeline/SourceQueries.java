package dev.walmonitor.pipeline;

import dev.walmonitor.change.TableName;
import dev.walmonitor.sink.sql.PgQueries;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Veil;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.ConfiguredLogins;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Login;
import dev.walmonitor.source.Logins;
import dev.walmonitor.source.SourcesConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the queries of rules run: a small pool of read-only sessions on the database of each
 * source. Thread-safe.
 */
@Singleton
class SourceQueries implements QueriesBySource {
    private static final int CONNECTIONS = 4;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final SourcesConfig config;
    private final ConfiguredLogins logins;
    private final Map<String, Queries> queries = new ConcurrentHashMap<>();
    private final Map<String, Queries> primaries = new ConcurrentHashMap<>();
    private final SqlPools pools;

    SourceQueries(Vertx vertx, SourcesConfig config, ConfiguredLogins logins) {
        this.pools = new SqlPools(vertx);
        this.config = config;
        this.logins = logins;
    }

    @Override
    public Queries of(String source) {
        return configured(source).queryUrl().isPresent()
                ? queries.computeIfAbsent(source, this::openReplica)
                : primary(source);
    }

    @Override
    public Queries primary(String source) {
        return primaries.computeIfAbsent(source, this::openPrimary);
    }

    @Override
    public Optional<Veil> veil(String source, TableName table) {
        ColumnPolicy policy = ColumnPolicy.of(configured(source));
        return policy.isNone(table) ? Optional.empty() : Optional.of(new Hidden(policy, table));
    }

    /** A policy for one table. */
    private record Hidden(ColumnPolicy policy, TableName table) implements Veil {
        @Override
        public boolean shows(String column) {
            return policy.of(table, column) == ColumnPolicy.Treatment.SHOW;
        }

        @Override
        public boolean drops(String column) {
            return policy.of(table, column) == ColumnPolicy.Treatment.DROP;
        }

        @Override
        public @Nullable String over(String column, @Nullable String value) {
            return value == null
                    ? null
                    : switch (policy.of(table, column)) {
                        case SHOW, DROP -> value;
                        case MASK -> ColumnPolicy.MASK;
                        case HASH -> policy.hash(value);
                    };
        }
    }

    private SourcesConfig.SourceConfig configured(String source) {
        SourcesConfig.SourceConfig configured = config.sources().get(source);
        if (configured == null) {
            throw new IllegalArgumentException(
                    "There is no source \""
                            + source
                            + "\"; there are: "
                            + config.sources().keySet());
        }
        return configured;
    }

    private Queries openPrimary(String source) {
        SourcesConfig.SourceConfig configured = configured(source);
        DatabaseUrl url =
                DatabaseUrl.parse(
                        configured
                                .url()
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "Source \"" + source + "\" has no URL")));
        return new PgQueries(
                pool(source, url, logins.of(configured, url)),
                "the database of source " + source,
                TIMEOUT);
    }

    private Queries openReplica(String source) {
        SourcesConfig.SourceConfig configured = configured(source);
        DatabaseUrl url = DatabaseUrl.parse(configured.queryUrl().orElseThrow());
        return new PgQueries(
                pool(
                        source,
                        url,
                        () -> Uni.createFrom().item(new Login(url.user(), url.password()))),
                "the query database of source " + source,
                TIMEOUT,
                PgQueries.Place.MAYBE_REPLICA);
    }

    private Pool pool(String source, DatabaseUrl url, Logins asked) {
        PgConnectOptions like = new PgConnectOptions();
        PgQueries.SESSION.forEach(like::addProperty);
        like.addProperty("application_name", "wal-monitor " + source + " queries");
        return pools.open(
                new SqlPools.Wanted(
                        "queries of " + source + " at " + url.host(),
                        "the database of source " + source,
                        url,
                        asked,
                        CONNECTIONS,
                        like));
    }

    @PreDestroy
    void close() {
        pools.close();
    }
}
