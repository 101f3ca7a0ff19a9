package dev.walmonitor.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.ConfiguredLogins;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.credentials.CredentialsProvider;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that is made from its configuration, on a server whose passwords change. */
class RotatedPasswordTest {
    @TempDir Path directory = Path.of("");

    private final PostgresServer server = SharedServers.postgres();
    private final Vertx vertx = Vertx.vertx();
    private final String role = "rotated_" + SharedServers.number();
    private final AtomicReference<String> inVault = new AtomicReference<>("");
    private final AtomicInteger asked = new AtomicInteger();
    private final CredentialsProvider vault =
            new CredentialsProvider() {
                @Override
                public Map<String, String> getCredentials(String name) {
                    var _ = asked.incrementAndGet();
                    return Map.of("user", role, "password", inVault.get());
                }
            };
    private final List<String> told = new CopyOnWriteArrayList<>();
    private String url = "";

    @BeforeEach
    void makeRole() {
        url = SharedServers.freshDatabase();
        SharedServers.execute(url, "create table t (id int primary key)");
        server.execute("create role " + role + " superuser login password 'first-canary'");
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        server.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '"
                        + role
                        + "'");
    }

    private ChangeSource source(String user, String... options) {
        String here = url.replace("app:app@", user + "@");
        Map<String, String> properties =
                new HashMap<>(Map.of("url", here, "slot", role, "publication", role));
        for (int i = 0; i < options.length; i += 2) {
            properties.put(options[i], options[i + 1]);
        }
        ChangeSource source =
                new PostgresSourceFactory(
                                vertx, new SimpleMeterRegistry(), new ConfiguredLogins(n -> vault))
                        .create(
                                "main",
                                TestSources.main(properties),
                                DatabaseUrl.parse(here),
                                ((VertxInternal) vertx).createEventLoopContext());
        var _ =
                source.changes(Interest.ALL, () -> Uni.createFrom().item(Optional.empty()))
                        .subscribe()
                        .with(this::tell);
        return source;
    }

    private void tell(ChangeBatch batch) {
        batch.events().stream()
                .filter(RowChange.class::isInstance)
                .forEach(change -> told.add(String.valueOf(((RowChange) change).row())));
    }

    private static void awaitState(ChangeSource source, SourceState state) {
        await().atMost(Duration.ofSeconds(15)).until(() -> source.status().state() == state);
    }

    private void rotate(String password) {
        server.execute("alter role " + role + " password '" + password + "'");
        server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = '"
                        + role
                        + "'");
    }

    private void awaitReconnect(ChangeSource source) {
        await().atMost(Duration.ofSeconds(15)).until(() -> source.status().reconnects() > 0);
        awaitState(source, SourceState.STREAMING);
        SharedServers.execute(url, "insert into t values (1)");
        await().atMost(Duration.ofSeconds(15)).until(() -> told.size() == 1);
    }

    private static void close(ChangeSource source) {
        source.close().await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void f18_aFileThatWasRotatedIsUsedAtTheNextConnect() throws IOException {
        Path file = directory.resolve("password");
        Files.writeString(file, "first-canary\n");
        ChangeSource source = source(role, "password-file", file.toString());
        awaitState(source, SourceState.STREAMING);

        Files.writeString(file, "second-canary\n");
        rotate("second-canary");
        awaitReconnect(source);
        close(source);
    }

    @Test
    void f18_theProviderIsAskedAgainAtTheNextConnect() {
        inVault.set("first-canary");
        ChangeSource source = source("somebody", "credentials-provider", "shop");
        awaitState(source, SourceState.STREAMING);
        int before = asked.get();

        inVault.set("second-canary");
        rotate("second-canary");
        awaitReconnect(source);
        assertThat(asked).hasValueGreaterThan(before);
        close(source);
    }

    @Test
    void f10_aFileThatIsMissingIsSaidAndTriedAgainSlowly() {
        Path file = directory.resolve("nowhere");
        ChangeSource source = source(role, "password-file", file.toString());
        awaitState(source, SourceState.FAILED);

        assertThat(source.status().failure())
                .isEqualTo(
                        new SourceFailure(
                                SourceState.FAILED,
                                "auth",
                                "The credentials for 127.0.0.1:"
                                        + server.portNumber()
                                        + " cannot be had: The password file "
                                        + file
                                        + " does not exist.",
                                null,
                                SourceFailure.Retry.SLOWLY));
        close(source);
    }

    @Test
    void f10_aPasswordThatIsWrongIsSaidWithoutIt() throws IOException {
        Path file = directory.resolve("password");
        Files.writeString(file, "wrong-canary");
        ChangeSource source = source(role, "password-file", file.toString());
        awaitState(source, SourceState.FAILED);

        assertThat(source.status().toString()).contains("28P01").doesNotContain("canary");
        close(source);
    }
}
