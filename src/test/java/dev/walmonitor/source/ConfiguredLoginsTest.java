package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.credentials.CredentialsProvider;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredLoginsTest {
    private static final String URL = "postgresql://app@db/shop";

    @TempDir Path directory = Path.of("");

    /** Blocks, as many do; its password changes at every call. */
    private static final class Vault implements CredentialsProvider {
        final AtomicInteger asked = new AtomicInteger();
        final AtomicReference<Thread> thread = new AtomicReference<>();
        final Map<String, String> more = new HashMap<>();

        @Override
        public Map<String, String> getCredentials(String name) {
            thread.set(Thread.currentThread());
            Map<String, String> credentials = new HashMap<>(more);
            credentials.putIfAbsent("password", name + "-secret-" + asked.incrementAndGet());
            return credentials;
        }
    }

    private static Logins logins(CredentialsProvider provider, String url, String... options) {
        Map<String, String> properties = new HashMap<>(Map.of("url", url));
        for (int i = 0; i < options.length; i += 2) {
            properties.put(options[i], options[i + 1]);
        }
        return new ConfiguredLogins(name -> provider)
                .of(TestSources.main(properties), DatabaseUrl.parse(url));
    }

    private static Login next(Logins logins) {
        return logins.next().await().atMost(Duration.ofSeconds(10));
    }

    private static void refused(String message, String url, String... options) {
        assertThatThrownBy(() -> logins(new Vault(), url, options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void withoutMoreTheUrlSaysIt() {
        assertThat(next(logins(new Vault(), "postgresql://app:pw@db/shop")))
                .isEqualTo(new Login("app", new Secret("pw")));
        assertThat(next(logins(new Vault(), URL))).isEqualTo(new Login("app", null));
    }

    @Test
    void f18_theFileIsReadAtEveryConnectAndNotByTheCaller() throws IOException {
        Path file = directory.resolve("password");
        Logins logins = logins(new Vault(), URL, "password-file", file.toString());
        assertThatThrownBy(() -> next(logins))
                .isInstanceOf(NoLogin.class)
                .hasMessage("The password file " + file + " does not exist.");

        Files.writeString(file, "one\n");
        assertThat(next(logins)).isEqualTo(new Login("app", new Secret("one")));
        Files.writeString(file, "two\n");
        AtomicReference<Thread> thread = new AtomicReference<>();
        Login login =
                logins.next()
                        .invoke(l -> thread.set(Thread.currentThread()))
                        .await()
                        .atMost(Duration.ofSeconds(10));
        assertThat(login).isEqualTo(new Login("app", new Secret("two")));
        assertThat(thread.get()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void f18_theProviderIsAskedAtEveryConnectAndMayBlock() {
        Vault vault = new Vault();
        Logins logins = logins(vault, URL, "credentials-provider", "shop");

        assertThat(next(logins)).isEqualTo(new Login("app", new Secret("shop-secret-1")));
        assertThat(next(logins)).isEqualTo(new Login("app", new Secret("shop-secret-2")));
        assertThat(vault.thread.get()).isNotSameAs(Thread.currentThread());

        vault.more.put("user", "v-token-app");
        assertThat(next(logins)).isEqualTo(new Login("v-token-app", new Secret("shop-secret-3")));
    }

    @Test
    void aProviderThatBlocksWhereItShouldNotDoesNotHoldUpTheCaller() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CredentialsProvider asynchronous =
                new CredentialsProvider() {
                    @Override
                    public Uni<Map<String, String>> getCredentialsAsync(String name) {
                        thread.set(Thread.currentThread());
                        return Uni.createFrom().item(Map.of("password", "pw"));
                    }
                };
        assertThat(next(logins(asynchronous, URL, "credentials-provider", "shop")))
                .isEqualTo(new Login("app", new Secret("pw")));
        assertThat(thread.get()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void aProviderThatGivesNoPasswordOrFailsIsSaid() {
        Vault vault = new Vault();
        vault.more.put("password", "");
        assertThatThrownBy(() -> next(logins(vault, URL, "credentials-provider", "shop")))
                .isInstanceOf(NoLogin.class)
                .hasMessage("The provider of credentials gave no password for \"shop\".");

        CredentialsProvider broken =
                new CredentialsProvider() {
                    @Override
                    public Uni<Map<String, String>> getCredentialsAsync(String name) {
                        throw new IllegalStateException("sealed");
                    }
                };
        assertThatThrownBy(() -> next(logins(broken, URL, "credentials-provider", "shop")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sealed");
    }

    @Test
    void whatCannotWorkTogetherIsRefusedInASentenceEach() {
        refused(
                "The password is to come from password-file and from credentials-provider: keep one of the two.",
                URL,
                "password-file",
                "/run/password",
                "credentials-provider",
                "shop");
        refused(
                "The password stands in the URL and is to come from password-file as well: take it out of the URL.",
                "postgresql://app:canary@db/shop",
                "password-file",
                "/run/password");
        refused(
                "The password stands in the URL and is to come from credentials-provider as well: take it out of the URL.",
                "postgresql://app:canary@db/shop",
                "credentials-provider",
                "shop");
        refused(
                "credentials-provider-name names a bean, but nothing says which credentials to ask it for: set credentials-provider.",
                URL,
                "credentials-provider-name",
                "vault");
        refused("password-file is not the path of a file.", URL, "password-file", "/");
    }

    @Test
    void theProviderIsFoundByItsNameAndOneThatIsMissingIsRefused() {
        AtomicReference<Optional<String>> asked = new AtomicReference<>();
        ConfiguredLogins logins =
                new ConfiguredLogins(name -> {
                    asked.set(name);
                    throw new IllegalArgumentException("no such bean");
                });
        assertThatThrownBy(() ->
                        logins.of(
                                TestSources.main(
                                        Map.of(
                                                "url", URL,
                                                "credentials-provider", "shop",
                                                "credentials-provider-name", "vault")),
                                DatabaseUrl.parse(URL)))
                .hasMessage("no such bean");
        assertThat(asked.get()).contains("vault");
    }

    @Test
    void noSecretIsInAnyText() {
        assertThat(new Login("app", new Secret("canary")))
                .hasToString("Login[user=app, password=***]");
    }
}
