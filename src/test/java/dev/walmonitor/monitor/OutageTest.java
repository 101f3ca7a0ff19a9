package dev.walmonitor.monitor;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.LogGauges;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The monitor database is down when the application starts, comes, is killed, frozen, and comes
 * back.
 */
@QuarkusTest
@TestProfile(OutageTest.Profile.class)
@SuppressWarnings("NullAway.Init") // Quarkus does
class OutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    PostgresServer server;

    @TestHTTPResource(value = "/health/ready", management = true)
    String ready;

    @Inject FakePipelines pipelines;
    @Inject Schema schema;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakePipelines.class);
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("wal-monitor.monitor.every", "50ms");
        }

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(StoppedServer.class));
        }
    }

    /** A server that is there and does not run. */
    public static final class StoppedServer implements QuarkusTestResourceLifecycleManager {
        private PostgresServer server;

        @Override
        public Map<String, String> start() {
            server = PostgresServer.started();
            server.stopFast();
            String url = "postgresql://127.0.0.1:" + server.portNumber() + "/app";
            return Map.of(
                    "quarkus.datasource.reactive.url",
                    url,
                    "quarkus.datasource.jdbc.url",
                    "jdbc:" + url,
                    "quarkus.datasource.username",
                    "app",
                    "quarkus.datasource.password",
                    "app");
        }

        @Override
        public void inject(TestInjector injector) {
            injector.injectIntoFields(server, new TestInjector.MatchesType(PostgresServer.class));
        }

        @Override
        public void stop() {
            server.close();
        }
    }

    @Test
    void theDatabaseMayComeLateAndGoAndComeBack() {
        List<LogRecord> log = listen();
        pipelines.set(SHOP, new LogGauges(0, 0, true));

        readyTells(
                "DOWN",
                "The monitor database at 127.0.0.1:"
                        + server.portNumber()
                        + "/app cannot be reached: the connection was refused or timed out.");
        given().get("/api/v1/wal-monitor/")
                .then()
                .statusCode(503)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:monitor-database"));

        server.restart();
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        rowTells("2026-11-01T10:00:01Z");

        server.kill9();
        pipelines.setSilently(
                Statuses.streaming(SHOP).committed(Instant.parse("2026-11-01T10:00:02Z")));
        readyTells(
                "DOWN",
                "The monitor database at 127.0.0.1:"
                        + server.portNumber()
                        + "/app cannot be reached: the connection was refused or timed out.");
        await().atMost(PATIENCE).until(() -> ours(log).size() == 1);
        server.restart();
        rowTells("2026-11-01T10:00:02Z");

        server.freeze();
        pipelines.setSilently(
                Statuses.streaming(SHOP).committed(Instant.parse("2026-11-01T10:00:03Z")));
        readyTells(
                "DOWN",
                "The monitor database at 127.0.0.1:"
                        + server.portNumber()
                        + "/app cannot be reached: it did not answer in time.");
        await().atMost(PATIENCE).until(() -> ours(log).size() == 2);
        server.thaw();
        rowTells("2026-11-01T10:00:03Z");
        readyTells("UP", null);

        toldOnceAnOutage(log);
    }

    /** How the network puts a server that is being killed is a matter of moments. */
    private void toldOnceAnOutage(List<LogRecord> log) {
        String away =
                Pattern.quote(
                                " The monitor database at 127.0.0.1:"
                                        + server.portNumber()
                                        + "/app cannot be reached: ")
                        + "[a-z ]+\\.";
        String rows = "The monitor rows cannot be written\\." + away;

        assertThat(ours(log)).hasSize(2).allMatch(line -> line.matches(rows));
        assertThat(log)
                .filteredOn(record -> record.getThrown() != null)
                .allMatch(record ->
                        record.getLoggerName().endsWith("BlockedThreadChecker")); // under load
    }

    private static List<String> ours(List<LogRecord> log) {
        return log.stream()
                .filter(record -> record.getLoggerName().equals(MonitorWriter.class.getName()))
                .map(LogRecord::getMessage)
                .toList();
    }

    private void readyTells(String status, @Nullable String message) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get(ready)
                                .then()
                                .body(
                                        "checks.find { it.name == 'monitor-database' }.status",
                                        equalTo(status))
                                .body(
                                        "checks.find { it.name == 'monitor-database' }.data?.message",
                                        equalTo(message)));
    }

    private void rowTells(String lastTransaction) {
        pipelines.setSilently(Statuses.streaming(SHOP).committed(Instant.parse(lastTransaction)));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get("/api/v1/wal-monitor/sources/shop")
                                .then()
                                .statusCode(200)
                                .body("last_transaction_time", equalTo(lastTransaction)));
    }

    private static List<LogRecord> listen() {
        List<LogRecord> records = new CopyOnWriteArrayList<>();
        Logger.getLogger("")
                .addHandler(
                        new Handler() {
                            @Override
                            public void publish(LogRecord record) {
                                if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                                    records.add(record);
                                }
                            }

                            @Override
                            public void flush() {}

                            @Override
                            public void close() {}
                        });
        return records;
    }
}
