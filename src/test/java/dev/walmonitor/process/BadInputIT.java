package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a newcomer gets wrong, and what the service answers: one clear sentence, no stack trace, no
 * secret.
 */
class BadInputIT {
    private static final String NO_RULES = "wal-monitor: {}";

    @TempDir Path home = Path.of("");

    private static Map<String, String> databaseUrl(String url) {
        return Map.of("DATABASE_URL", url, "REDIS_URL", SharedServers.redis().address());
    }

    private ServiceProcess start(String url, String rules) {
        return ServiceProcess.start(home, databaseUrl(url), rules);
    }

    private static void assertReadable(ServiceProcess service) {
        assertThat(service.log())
                .doesNotContain("\tat ")
                .doesNotContain("Exception")
                .doesNotContain("s3cret");
    }

    @Test
    void f10_aWrongPasswordEndsTheStart() {
        String url = SharedServers.freshDatabase().replace("app:app@", "app:s3cret@");
        try (ServiceProcess service = start(url, NO_RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log()).contains("user \"app\"").contains("password");
            assertReadable(service);
        }
    }

    @Test
    void f10_aMissingDatabaseEndsTheStartWithTheStatementThatMakesIt() {
        String url = SharedServers.postgres().url("nowhere");
        try (ServiceProcess service = start(url, NO_RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log()).contains("CREATE DATABASE \"nowhere\"");
            assertReadable(service);
        }
    }

    @Test
    void aServerThatIsDownIsWaitedFor() {
        PostgresServer server = PostgresServer.started();
        server.stopFast();
        try (ServiceProcess service = start(server.url(), NO_RULES)) {
            service.awaitLogged("127.0.0.1:" + server.portNumber());
            server.restart();
            service.awaitReady();
            assertReadable(service);
        } finally {
            server.stopImmediately();
        }
    }

    @Test
    void f43_aWalLevelThatHoldsNoRowChangesIsSaidWithTheStatementThatMendsIt() {
        PostgresServer server = PostgresServer.builder().setting("wal_level", "replica").start();
        try (ServiceProcess service = start(server.url(), NO_RULES)) {
            service.awaitLogged("wal_level=replica");
            service.awaitLogged("ALTER SYSTEM SET wal_level = 'logical'");
            await().during(Duration.ofSeconds(2)).until(service::isAlive);
            assertReadable(service);
            assertThat(service.isReady()).isFalse();
        } finally {
            server.stopImmediately();
        }
    }

    @Test
    void rulesThatCannotWorkEndTheStartWithAllFaultsAtOnce() {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(url, "create table roles (id int primary key, name text)");
        String rules =
                """
                wal-monitor:
                  rules:
                    unknown-table:
                      tables: public.rolls
                      cache: { key: "a", query: "select 1" }
                    unknown-column:
                      tables: public.roles
                      cache: { key: "b", query: "select nmae from roles" }
                    no-action:
                      tables: public.roles
                    odd-key:
                      tabels: public.roles
                      cache: { key: "c", query: "select 1" }
                """;
        try (ServiceProcess service = start(url, rules)) {
            assertThat(service.exitCode()).isEqualTo(1);
            for (String rule : List.of("unknown-table", "unknown-column", "no-action", "odd-key")) {
                assertThat(service.log()).contains("Rule \"" + rule + "\"");
            }
            assertThat(service.log())
                    .contains("did you mean public.roles?")
                    .contains("nmae")
                    .contains("did you mean \"tables\"?");
            assertReadable(service);
        }
    }

    @Test
    void aMalformedUrlEndsTheStart() {
        try (ServiceProcess service = start("postgresql://app:s3cret@db:notaport/app", NO_RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log()).contains("port");
            assertReadable(service);
        }
    }

    @Test
    void noUrlAtAllEndsTheStart() {
        try (ServiceProcess service = ServiceProcess.start(home, Map.of(), NO_RULES)) {
            assertThat(service.exitCode()).isEqualTo(1);
            assertThat(service.log()).contains("DATABASE_URL");
            assertReadable(service);
        }
    }

    @Test
    void aRedisThatIsDownAtTheStartIsWaitedForAndFilledWhenItComes() {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(
                url,
                "create table roles (id int primary key, name text)",
                "insert into roles values (1, 'Admin')");
        RedisServer redis = RedisServer.started();
        redis.kill9();
        String rules =
                """
                wal-monitor:
                  rules:
                    roles:
                      tables: public.roles
                      cache: { key: "master:roles", query: "select id, name from roles order by id" }
                """;
        try (ServiceProcess service =
                ServiceProcess.start(
                        home, Map.of("DATABASE_URL", url, "REDIS_URL", redis.address()), rules)) {
            service.awaitLogged("Listening on");
            await().during(Duration.ofSeconds(3))
                    .until(() -> service.isAlive() && !service.isReady());
            assertReadable(service);
            redis.restart();
            service.awaitReady();
            await("the cache is filled")
                    .atMost(Duration.ofSeconds(30))
                    .until(() ->
                            "[{\"id\": 1, \"name\": \"Admin\"}]".equals(redis.get("master:roles")));
        } finally {
            redis.close();
        }
    }
}
