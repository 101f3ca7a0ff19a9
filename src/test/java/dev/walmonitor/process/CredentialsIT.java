package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service with a password that does not stand in the URL. */
class CredentialsIT {
    private static final String RULES =
            """
            wal-monitor:
              rules:
                roles:
                  tables: public.roles
                  cache: { key: "rotated:roles", query: "select id, name from roles order by id" }
            """;

    @TempDir Path home = Path.of("");

    private final PostgresServer server = SharedServers.postgres();
    private final RedisServer redis = SharedServers.redis();

    private ServiceProcess start(String url, Path passwordFile) {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL", url.replace("app:app@", "secretive@"),
                        "REDIS_URL", redis.address(),
                        "REPLICATION_SLOT", "secretive",
                        "WAL_MONITOR_SOURCES_MAIN_PASSWORD_FILE", passwordFile.toString()),
                RULES);
    }

    @Test
    void f18_aPasswordThatIsRotatedIsReadByWhoeverConnectsAndPlaintextIsSaidOnce()
            throws IOException {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(
                url,
                "create table roles (id int primary key, name text)",
                "insert into roles values (1, 'Admin')");
        server.execute("create role secretive superuser login password 'first-canary'");
        Path file = home.resolve("password");
        Files.writeString(file, "first-canary\n");
        try (ServiceProcess service = start(url, file)) {
            service.awaitReady();
            awaitCached("Admin");

            Files.writeString(file, "second-canary\n");
            server.execute("alter role secretive password 'second-canary'");
            server.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'secretive'");
            SharedServers.execute(url, "update roles set name = 'Super Admin' where id = 1");
            awaitCached("Super Admin");
            service.awaitReady();
            String lastSeen = lastUpdate(service);
            await("the monitor row is written again")
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> !lastUpdate(service).equals(lastSeen));
            assertThat(service.metrics()).contains("wal_monitor_reconnects_total");

            var _ = service.terminate();
            assertThat(service.log())
                    .doesNotContain("canary")
                    .containsOnlyOnce("sslmode=prefer takes what there is");
        }
    }

    /** As our own table has it. */
    private static String lastUpdate(ServiceProcess service) {
        return String.valueOf(service.api("/wal-monitor/sources/main").getString("updated_at"));
    }

    private void awaitCached(String name) {
        await("the cache")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        ("[{\"id\": 1, \"name\": \"" + name + "\"}]")
                                .equals(redis.get("rotated:roles")));
    }

    @Test
    void f10_aPasswordFileThatIsMissingEndsTheStart() {
        Path file = home.resolve("nowhere");
        try (ServiceProcess service = start(SharedServers.freshDatabase(), file)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log())
                    .isEqualTo("Source main: The password file " + file + " does not exist.");
        }
    }

    @Test
    void aPasswordFromTwoPlacesEndsTheStart() {
        String url = SharedServers.freshDatabase().replace("app:app@", "app:canary@");
        try (ServiceProcess service =
                ServiceProcess.start(
                        home,
                        Map.of(
                                "DATABASE_URL",
                                url,
                                "REDIS_URL",
                                redis.address(),
                                "WAL_MONITOR_SOURCES_MAIN_CREDENTIALS_PROVIDER",
                                "shop"),
                        RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log())
                    .contains(
                            "Source main: The password stands in the URL and is to come from credentials-provider as well: take it out of the URL.")
                    .doesNotContain("canary");
        }
    }

    @Test
    void aProviderThatIsNotThereEndsTheStart() {
        String url = SharedServers.freshDatabase().replace("app:app@", "app@");
        try (ServiceProcess service =
                ServiceProcess.start(
                        home,
                        Map.of(
                                "DATABASE_URL",
                                url,
                                "REDIS_URL",
                                redis.address(),
                                "WAL_MONITOR_SOURCES_MAIN_CREDENTIALS_PROVIDER",
                                "shop"),
                        RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log()).contains("There is no provider of credentials");
        }
    }
}
