package dev.walmonitor.source;

import io.quarkus.credentials.CredentialsProvider;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The credentials of a source, by its name, for Quarkus's own datasource: our tables live in the
 * database of the source {@code main} unless another is named, and its password changes there too.
 *
 * <p>Its qualifier keeps it from being taken for the application's own provider.
 */
@Singleton
@Named(SourceCredentials.NAME)
@Identifier(SourceCredentials.NAME)
public class SourceCredentials implements CredentialsProvider {
    /** The bean's name. */
    public static final String NAME = "wal-monitor-source";

    private final SourcesConfig config;
    private final ConfiguredLogins logins;

    SourceCredentials(SourcesConfig config, ConfiguredLogins logins) {
        this.config = config;
        this.logins = logins;
    }

    @Override
    public Uni<Map<String, String>> getCredentialsAsync(String source) {
        return Uni.createFrom().deferred(() -> loginsOf(source).next()).map(this::properties);
    }

    private Logins loginsOf(String source) {
        SourcesConfig.SourceConfig configured = config.sources().get(source);
        Optional<String> url = configured == null ? Optional.empty() : configured.url();
        if (configured == null || url.isEmpty()) {
            throw new NoLogin("There is no source \"" + source + "\" to take a password from.");
        }
        return logins.of(configured, DatabaseUrl.parse(url.get()));
    }

    private Map<String, String> properties(Login login) {
        Map<String, String> properties = new HashMap<>();
        properties.put(USER_PROPERTY_NAME, login.user());
        if (login.password() != null) {
            properties.put(PASSWORD_PROPERTY_NAME, login.password().value());
        }
        return properties;
    }
}
