package dev.walmonitor.monitor;

import io.quarkus.credentials.runtime.CredentialsProviderFinder;
import io.quarkus.reactive.datasource.runtime.ConnectOptionsSupplier;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Future;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.ClientBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The connections to our own tables, which only ever ask what is answered at once: one that is
 * silent for longer is given up, or a server that is cut off without a word would keep them all
 * until TCP notices, which may take hours.
 */
@Singleton
class MonitorPool implements PgPoolCreator {
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Duration silence;
    private final Optional<String> credentials;
    private final Optional<String> provider;

    /**
     * @param credentials what the provider of credentials is asked for at each connect, if one is
     *     to be asked
     * @param provider its bean's name, where there are several
     */
    @Inject
    MonitorPool(
            @ConfigProperty(name = "quarkus.datasource.credentials-provider")
                    Optional<String> credentials,
            @ConfigProperty(name = "quarkus.datasource.credentials-provider-name")
                    Optional<String> provider) {
        this(SILENCE, credentials, provider);
    }

    MonitorPool(Duration silence) {
        this(silence, Optional.empty(), Optional.empty());
    }

    private MonitorPool(Duration silence, Optional<String> credentials, Optional<String> provider) {
        this.silence = silence;
        this.credentials = credentials;
        this.provider = provider;
    }

    @Override
    public Pool create(Input input) {
        List<PgConnectOptions> servers = input.pgConnectOptionsList();
        servers.forEach(this::prepare);
        ClientBuilder<Pool> pool = PgBuilder.pool().using(input.vertx()).with(input.poolOptions());
        return credentials
                .map(asked -> pool.connectingTo(asking(asked, servers)))
                .orElseGet(() -> pool.connectingTo(List.<SqlConnectOptions>copyOf(servers)))
                .build();
    }

    /** As Quarkus does it for pools that nobody else makes. */
    private Supplier<Future<SqlConnectOptions>> asking(
            String asked, List<PgConnectOptions> servers) {
        var connects =
                new ConnectOptionsSupplier<>(
                        CredentialsProviderFinder.find(provider.orElse(null)),
                        asked,
                        servers,
                        PgConnectOptions::new);
        return () -> connects.get().map(options -> options);
    }

    private void prepare(PgConnectOptions server) {
        server.setIdleTimeout((int) silence.toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setConnectTimeout((int) silence.toMillis())
                .addProperty("application_name", "wal-monitor");
    }
}
