package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.process.CommandProcess.Outcome;
import io.restassured.response.Response;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on one source: what only the active one can do, the other sends on to it. */
class ElsewhereIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RULES =
            """
            wal-monitor:
              sources:
                main: { canary-interval: 1s }
              rules:
                roles: { tables: public.roles, cache: { key: "roles:{id}", value: row } }
            """;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final Map<String, String> environment =
            Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address());

    @AfterEach
    void end() {
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess start(String name) {
        return ServiceProcess.start(home.resolve(name), environment, RULES);
    }

    private static String state(ServiceProcess service) {
        return service.api("/replication/main/status").getString("state");
    }

    /** What the instance itself answers, wherever it points to. */
    private static Response post(URI uri) {
        return ServiceProcess.as(ServiceProcess.LOGIN)
                .urlEncodingEnabled(false)
                .redirects()
                .follow(false)
                .post(uri);
    }

    private static URI sentOn(ServiceProcess standby, ServiceProcess active, String path) {
        Response answer = post(standby.uri(path));
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(307);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.path("type").toString()).isEqualTo("urn:wal-monitor:problem:elsewhere");
        assertThat(answer.path("detail").toString())
                .isEqualTo(
                        "The source \"main\" is read by the instance at "
                                + active.address().get("WAL_MONITOR_URL")
                                + "; ask that one.");
        assertThat(answer.header("Location")).isEqualTo(active.uri(path).toString());
        return URI.create(answer.header("Location"));
    }

    @Test
    void aVerbForTheStandbyIsSentOnToTheActiveOneAndDoneThere() throws Exception {
        postgres.execute(
                "create table roles (id int primary key, name text); alter table roles owner to app");
        try (ServiceProcess active = start("one")) {
            active.awaitReady();
            try (ServiceProcess standby = start("two")) {
                standby.awaitReady();
                await().atMost(PATIENCE).until(() -> state(standby).equals("STANDBY"));
                assertThat(state(active)).isIn("STREAMING", "IDLE");

                URI rule = sentOn(standby, active, "/rules/roles/pause?reason=moving%20house");
                assertThat(post(rule).statusCode()).isBetween(200, 204);
                awaitRule(active, "paused");
                assertThat(active.api("/rules/roles").getString("reason"))
                        .isEqualTo("moving house");
                URI source = sentOn(standby, active, "/replication/main/pause");
                assertThat(post(source).statusCode()).isEqualTo(202);
                await().atMost(PATIENCE).until(() -> state(active).equals("PAUSED"));
                assertThat(state(standby)).isEqualTo("STANDBY");

                byCommand(active, standby);
                takenOver(active, standby);
            }
        }
    }

    private static void awaitRule(ServiceProcess service, String state) {
        await("rule roles is " + state)
                .atMost(PATIENCE)
                .until(() -> service.api("/rules/roles").getString("state").equals(state));
    }

    /** Commands follow by themselves. */
    private void byCommand(ServiceProcess active, ServiceProcess standby) throws Exception {
        Map<String, String> beside = new HashMap<>(environment);
        beside.putAll(standby.address());
        Outcome source = CommandProcess.run(home, beside, "resume", "--source", "main");
        assertThat(source.err()).isEmpty();
        assertThat(source.out()).isEqualTo("Goes on: source main.\n");
        Outcome rule = CommandProcess.run(home, beside, "resume", "--rule", "roles");
        assertThat(rule.out()).isEqualTo("Goes on: rule roles.\n");
        awaitRule(active, "running");
        await().atMost(PATIENCE).until(() -> !state(active).equals("PAUSED"));
    }

    private void takenOver(ServiceProcess active, ServiceProcess standby) {
        active.kill9();
        await().atMost(PATIENCE).until(standby::streams);
        postgres.execute("insert into roles values (1, 'Admin')");
        await().atMost(PATIENCE)
                .until(() -> String.valueOf(redis.get("roles:1")).contains("Admin"));
        assertThat(post(standby.uri("/rules/roles/pause")).statusCode()).isBetween(200, 204);
        awaitRule(standby, "paused");
    }
}
