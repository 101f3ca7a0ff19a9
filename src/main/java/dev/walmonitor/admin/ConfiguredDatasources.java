package dev.walmonitor.admin;

import dev.walmonitor.admin.DatasourcesConfig.DatasourceConfig;
import dev.walmonitor.pipeline.SqlPools;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.sink.sql.Datasources;
import dev.walmonitor.sink.sql.PgStatements;
import dev.walmonitor.sink.sql.Statements;
import dev.walmonitor.source.ConfiguredLogins;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.LoginOptions;
import dev.walmonitor.source.Logins;
import dev.walmonitor.source.MalformedUrl;
import dev.walmonitor.source.SourcesConfig;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The databases that rules write to: those of {@code wal-monitor.datasources}, and by its name each
 * source, whose own URL and login are used. A pool is opened when a rule first asks for it.
 * Thread-safe.
 */
@Singleton
class ConfiguredDatasources implements Datasources {
    private static final String LEDGER_SCHEMA = "wal_monitor";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 8;

    /** Beyond the time of a statement: who is silent for longer is gone. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    private record Target(
            String name,
            DatabaseUrl url,
            Logins logins,
            String ledgerSchema,
            int connections,
            Duration timeout) {}

    private final DatasourcesConfig config;
    private final SourcesConfig sources;
    private final ConfiguredLogins logins;
    private final Map<String, Statements> open = new ConcurrentHashMap<>();
    private final SqlPools pools;

    ConfiguredDatasources(
            Vertx vertx, DatasourcesConfig config, SourcesConfig sources, ConfiguredLogins logins) {
        this.pools = new SqlPools(vertx);
        this.config = config;
        this.sources = sources;
        this.logins = logins;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>(config.datasources().keySet());
        sources.sources().forEach((name, source) -> source.url().ifPresent(url -> names.add(name)));
        return names;
    }

    @Override
    public Statements of(String name) {
        return open.computeIfAbsent(name, this::open);
    }

    private Statements open(String name) {
        Target target = target(name);
        return new PgStatements(
                pool(target), "the datasource " + name, target.timeout(), target.ledgerSchema());
    }

    private Target target(String name) {
        @Nullable DatasourceConfig own = config.datasources().get(name);
        Optional<SourceConfig> source =
                Optional.ofNullable(sources.sources().get(name)).filter(s -> s.url().isPresent());
        if (own == null && source.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no datasource \"" + name + "\"; " + Nearest.hint(name, names()));
        }
        if (own == null) {
            return of(name, source.orElseThrow(), LEDGER_SCHEMA, CONNECTIONS, TIMEOUT);
        }
        demandSense(name, own);
        return own.url().isPresent()
                ? of(name, own, own.url().get())
                : of(
                        name,
                        source.orElseThrow(() ->
                                new IllegalArgumentException(
                                        "the datasource \""
                                                + name
                                                + "\" has no URL; set wal-monitor.datasources."
                                                + name
                                                + ".url.")),
                        own.ledgerSchema(),
                        own.connections(),
                        own.timeout());
    }

    private static void demandSense(String name, DatasourceConfig own) {
        if (own.connections() < 1 || own.timeout().toMillis() < 1 || own.ledgerSchema().isBlank()) {
            throw new IllegalArgumentException(
                    "the datasource \""
                            + name
                            + "\" needs at least one connection, a timeout above zero and the name of a"
                            + " schema for its ledger; correct wal-monitor.datasources."
                            + name
                            + ".");
        }
    }

    private Target of(String name, DatasourceConfig own, String text) {
        DatabaseUrl url = parse(name, text);
        LoginOptions options =
                new LoginOptions(
                        own.passwordFile(),
                        own.credentialsProvider(),
                        own.credentialsProviderName());
        return new Target(
                name,
                url,
                logins.of(options, url),
                own.ledgerSchema(),
                own.connections(),
                own.timeout());
    }

    private Target of(
            String name,
            SourceConfig source,
            String ledgerSchema,
            int connections,
            Duration timeout) {
        DatabaseUrl url = parse(name, source.url().orElseThrow());
        return new Target(name, url, logins.of(source, url), ledgerSchema, connections, timeout);
    }

    private static DatabaseUrl parse(String name, String text) {
        try {
            DatabaseUrl url = DatabaseUrl.parse(text);
            if (url.kind() != DatabaseUrl.Kind.POSTGRESQL) {
                throw new IllegalArgumentException(
                        "the datasource \"" + name + "\" is no PostgreSQL; name one that is.");
            }
            return url;
        } catch (MalformedUrl e) {
            throw new IllegalArgumentException(
                    "the URL of the datasource \"" + name + "\" cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private Pool pool(Target target) {
        PgConnectOptions like = new PgConnectOptions();
        like.setConnectTimeout((int) GRACE.toMillis())
                .setIdleTimeout((int) target.timeout().plus(GRACE).toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        PgStatements.session(target.timeout()).forEach(like::addProperty);
        like.addProperty("application_name", "wal-monitor statements");
        return pools.open(
                new SqlPools.Wanted(
                        "statements in " + target.name(),
                        "the datasource " + target.name(),
                        target.url(),
                        target.logins(),
                        target.connections(),
                        like));
    }

    @PreDestroy
    void close() {
        pools.close();
    }
}
