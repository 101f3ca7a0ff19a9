package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probes of the packaged service tell the truth, and its sources cost one another nothing. */
class ProbesIT {
    /** Idle for this long stays ready; ten minutes with {@code -Dprobes.idle=PT10M}. */
    private static final Duration IDLE = Duration.parse(System.getProperty("probes.idle", "PT15S"));

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final FaultProxy proxy = FaultProxy.to(postgres);

    @BeforeEach
    void tables() {
        postgres.execute(
                "CREATE TABLE role (id int PRIMARY KEY, name text NOT NULL);"
                        + " INSERT INTO role VALUES (1, 'Admin'); ALTER TABLE role OWNER TO app");
    }

    @AfterEach
    void end() {
        proxy.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service(String sources) {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL", proxy.through(postgres.url()),
                        "MONITOR_DATABASE_URL", postgres.url(),
                        "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  monitor:
                    idle-after: 5s
                  sources:
                    main:
                      wal-sender-timeout: 4s
                      canary-interval: 1s
                %s
                  rules:
                    roles:
                      source: main
                      tables: public.role
                      cache: { key: "master:roles", query: "select id, name from role order by id" }
                """
                        .formatted(sources));
    }

    private static String state(ServiceProcess service, String source) {
        return service.api("/replication/" + source + "/status").getString("state");
    }

    private static String probe(ServiceProcess service, String source) {
        return service.ready()
                .jsonPath()
                .getString("checks.find { it.name == 'source-" + source + "' }.status");
    }

    private static void awaitProbe(ServiceProcess service, String source, String status) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> status.equals(probe(service, source)));
    }

    @Test
    void anIdleSourceIsProvedAndStaysReadyAndABlackHoleIsNotTakenForIdle() {
        try (ServiceProcess service = service("")) {
            service.awaitReady();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> state(service, "main").equals("IDLE"));
            AtomicInteger samples = new AtomicInteger();
            await().during(IDLE)
                    .atMost(IDLE.plusSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        samples.incrementAndGet();
                        return "UP".equals(probe(service, "main"))
                                && state(service, "main").equals("IDLE");
                    });
            assertThat(samples.get()).isGreaterThan(20);
            assertThat(service.metrics())
                    .contains("wal_monitor_canary_seconds_count{source=\"main\"}");

            proxy.blackHole();
            awaitProbe(service, "main", "DOWN");
            String message =
                    service.ready()
                            .jsonPath()
                            .getString("checks.find { it.name == 'source-main' }.data.message");
            assertThat(message).isNotBlank();
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            "ERROR"
                                    .equals(
                                            postgres.query(
                                                    "app",
                                                    "SELECT status FROM wal_monitor.wal_monitor")));
            proxy.cutAll();
            proxy.pass();
            awaitProbe(service, "main", "UP");
        }
    }

    @Test
    void aSourceThatIsDownOrRefusedCostsTheOthersNothing() {
        postgres.execute("CREATE ROLE stranger LOGIN REPLICATION PASSWORD 'right'");
        String refused = postgres.url().replace("app:app@", "stranger:wrong@");
        String down = postgres.url().replaceFirst(":[0-9]+/", ":1/");
        try (ServiceProcess service =
                service(
                        """
                            down:
                              url: %s
                              slot: down
                            refused:
                              url: %s
                              slot: refused
                        """
                                .formatted(down, refused))) {
            service.awaitLogged("Listening on");
            awaitProbe(service, "main", "UP");
            assertThat(probe(service, "down")).isEqualTo("DOWN");
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            service.metrics()
                                    .contains(
                                            "wal_monitor_source_state{source=\"refused\",state=\"FAILED\"} 1.0"));
            assertThat(probe(service, "refused")).isEqualTo("DOWN");
            for (int i = 0; i < 20; i++) {
                String name = "Admin " + i;
                postgres.execute("UPDATE role SET name = '" + name + "'");
                await().atMost(Duration.ofSeconds(10))
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> String.valueOf(redis.get("master:roles")).contains(name));
            }
            assertThat(service.metrics())
                    .contains("wal_monitor_source_state{source=\"down\",state=\"CONNECTING\"} 1.0")
                    .doesNotContain("wal_monitor_reconnects_total{source=\"main\"");
        }
    }
}
