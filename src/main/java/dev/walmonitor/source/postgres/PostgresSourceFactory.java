package dev.walmonitor.source.postgres;

import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.ConfiguredLogins;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Login;
import dev.walmonitor.source.Logins;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.SourceFactory;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import dev.walmonitor.source.Upkeep;
import dev.walmonitor.source.postgres.replication.PostgresSource;
import dev.walmonitor.source.postgres.replication.PostgresUpkeep;
import dev.walmonitor.source.postgres.replication.SlotOptions;
import dev.walmonitor.source.postgres.replication.StreamOptions;
import dev.walmonitor.source.postgres.simulation.PostgresSimulation;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.TlsOptions;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes a PostgreSQL source of a URL and its options. */
@ApplicationScoped
class PostgresSourceFactory implements SourceFactory {
    private static final Logger LOG = Logger.getLogger(PostgresSourceFactory.class);

    private final Vertx vertx;
    private final MeterRegistry registry;
    private final ConfiguredLogins logins;

    PostgresSourceFactory(Vertx vertx, MeterRegistry registry, ConfiguredLogins logins) {
        this.vertx = vertx;
        this.registry = registry;
        this.logins = logins;
    }

    @Override
    public DatabaseUrl.Kind kind() {
        return DatabaseUrl.Kind.POSTGRESQL;
    }

    @Override
    public ChangeSource create(String name, SourceConfig config, DatabaseUrl url, Context context) {
        return new PostgresSource(
                name, wire(name, config, url), slot(config), vertx, context, registry);
    }

    @Override
    public Upkeep upkeep(String name, SourceConfig config, DatabaseUrl url) {
        return new PostgresUpkeep(name, wire(name, config, url), slot(config), vertx);
    }

    @Override
    public Simulation simulation(String name, SourceConfig config, DatabaseUrl url) {
        return new PostgresSimulation(vertx, wire(name, config, url), RandomGenerator.getDefault());
    }

    private WireOptions wire(String name, SourceConfig config, DatabaseUrl url) {
        Logins asked = logins.of(config, url);
        return WireOptions.of(url.host(), url.port(), url.database(), () -> credentials(asked))
                .withTls(tls(url))
                .withAuth(AuthParameters.policy(url.parameters()))
                .whenPlaintext(
                        new PlaintextWarning(name, url, ConfigUtils::isProfileActive, LOG::warn));
    }

    private static SlotOptions slot(SourceConfig config) {
        return new SlotOptions(
                config.slot(),
                config.publication(),
                config.manage(),
                config.walSenderTimeout(),
                config.heartbeatInterval(),
                new SlotOptions.Policy(
                        config.slotLost().orElse(null), config.resume(), config.failover()),
                new StreamOptions(
                        config.binary(),
                        config.streaming(),
                        config.origin(),
                        config.spill().directory(),
                        config.spill().limit().asLongValue(),
                        ColumnPolicy.of(config)));
    }

    private static Future<Credentials> credentials(Logins logins) {
        return Future.fromCompletionStage(
                logins.next().map(PostgresSourceFactory::credentials).subscribeAsCompletionStage());
    }

    private static Credentials credentials(Login login) {
        return login.password() == null
                ? Credentials.withoutPassword(login.user())
                : Credentials.of(login.user(), login.password().value().toCharArray());
    }

    private static TlsOptions tls(DatabaseUrl url) {
        Map<String, String> parameters = url.parameters();
        TlsOptions tls = TlsOptions.of(url.sslMode());
        @Nullable String roots = parameters.get("sslrootcert");
        if (roots != null) {
            tls = tls.withRootCertificate(Path.of(roots));
        }
        @Nullable String certificate = parameters.get("sslcert");
        @Nullable String key = parameters.get("sslkey");
        return certificate == null || key == null
                ? tls
                : tls.withClientCertificate(Path.of(certificate), Path.of(key));
    }
}
