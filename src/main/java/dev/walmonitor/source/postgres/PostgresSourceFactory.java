package dev.walmonitor.source.postgres;

import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.SourceFactory;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import dev.walmonitor.source.postgres.replication.PostgresSource;
import dev.walmonitor.source.postgres.replication.SlotOptions;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.TlsOptions;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a PostgreSQL source of a URL and its options. */
@ApplicationScoped
class PostgresSourceFactory implements SourceFactory {
    private final Vertx vertx;
    private final MeterRegistry registry;

    PostgresSourceFactory(Vertx vertx, MeterRegistry registry) {
        this.vertx = vertx;
        this.registry = registry;
    }

    @Override
    public DatabaseUrl.Kind kind() {
        return DatabaseUrl.Kind.POSTGRESQL;
    }

    @Override
    public ChangeSource create(String name, SourceConfig config, DatabaseUrl url, Context context) {
        WireOptions wire =
                WireOptions.of(url.host(), url.port(), url.database(), () -> credentials(url))
                        .withTls(tls(url))
                        .withAuth(AuthParameters.policy(url.parameters()));
        SlotOptions slot =
                new SlotOptions(
                        config.slot(),
                        config.publication(),
                        config.manage(),
                        config.walSenderTimeout(),
                        config.heartbeatInterval(),
                        new SlotOptions.Policy(
                                config.slotLost().orElse(null),
                                config.resume(),
                                config.failover()));
        return new PostgresSource(name, wire, slot, vertx, context, registry);
    }

    private static Future<Credentials> credentials(DatabaseUrl url) {
        return Future.succeededFuture(
                url.password() == null
                        ? Credentials.withoutPassword(url.user())
                        : Credentials.of(url.user(), url.password().value().toCharArray()));
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
