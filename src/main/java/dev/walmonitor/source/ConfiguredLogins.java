package dev.walmonitor.source;

import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.quarkus.credentials.CredentialsProvider;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * As whom to connect to each source: as its URL says, or with a password from a file or from a
 * provider of credentials (Vault and the like). Thread-safe.
 */
@Singleton
public class ConfiguredLogins {
    private final Function<Optional<String>, CredentialsProvider> providers;

    @Inject
    ConfiguredLogins(@Any Instance<CredentialsProvider> providers) {
        this(name -> provider(providers, name));
    }

    /**
     * @param providers finds a provider by its bean name, or the only one there is; throws
     *     IllegalArgumentException if there is none
     */
    public ConfiguredLogins(Function<Optional<String>, CredentialsProvider> providers) {
        this.providers = providers;
    }

    /**
     * @throws IllegalArgumentException if the configuration cannot work; the message says what to
     *     change
     */
    public Logins of(SourceConfig config, DatabaseUrl url) {
        return of(LoginOptions.of(config), url);
    }

    /**
     * @throws IllegalArgumentException as the other does
     */
    public Logins of(LoginOptions options, DatabaseUrl url) {
        List<String> faults = options.faults(url);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join(" ", faults));
        }
        if (options.provider().isPresent()) {
            CredentialsProvider provider = providers.apply(options.providerName());
            return provided(provider, options.provider().get(), url.user());
        }
        return options.passwordFile()
                .map(file -> read(new PasswordFile(Path.of(file)), url.user()))
                .orElseGet(() -> fixed(new Login(url.user(), url.password())));
    }

    private static CredentialsProvider provider(
            Instance<CredentialsProvider> providers, Optional<String> name) {
        Instance<CredentialsProvider> found =
                name.map(n -> providers.select(NamedLiteral.of(n)))
                        .orElseGet(() -> providers.select(Default.Literal.INSTANCE));
        if (found.isAmbiguous()) {
            throw new IllegalArgumentException(
                    "There are several providers of credentials: say which with credentials-provider-name.");
        }
        if (found.isUnsatisfied()) {
            throw new IllegalArgumentException(
                    "There is no provider of credentials"
                            + name.map(n -> " named " + n).orElse("")
                            + ": a bean of type "
                            + CredentialsProvider.class.getName()
                            + " has to be in the application.");
        }
        return found.get();
    }

    private static Logins fixed(Login login) {
        return () -> Uni.createFrom().item(login);
    }

    private static Logins read(PasswordFile file, String user) {
        return () ->
                Uni.createFrom()
                        .item(() -> new Login(user, file.password()))
                        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    /** A provider may block, whatever it says of itself. */
    private static Logins provided(CredentialsProvider provider, String credentials, String user) {
        return () ->
                Uni.createFrom()
                        .deferred(() -> provider.getCredentialsAsync(credentials))
                        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                        .map(given -> login(given, credentials, user));
    }

    private static Login login(Map<String, String> given, String credentials, String user) {
        String password = given.get(CredentialsProvider.PASSWORD_PROPERTY_NAME);
        if (password == null || password.isEmpty()) {
            throw new NoLogin(
                    "The provider of credentials gave no password for \"" + credentials + "\".");
        }
        return new Login(
                given.getOrDefault(CredentialsProvider.USER_PROPERTY_NAME, user),
                new Secret(password));
    }
}
