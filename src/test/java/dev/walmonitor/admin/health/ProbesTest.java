package dev.walmonitor.admin.health;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static dev.walmonitor.monitor.FakePipelines.STOCK;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;

import dev.walmonitor.deploy.Manifests;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(MonitorProfile.class)
class ProbesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init") // Quarkus does
    @TestHTTPResource(management = true)
    String management;

    @Inject FakePipelines pipelines;
    @Inject Schema schema;

    @BeforeEach
    void aSourceThatStreams() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(SHOP, new LogGauges(4096, 8192, true));
        pipelines.set(Statuses.streaming(SHOP));
        pipelines.set(Statuses.streaming(STOCK));
    }

    @AfterEach
    void theOtherSourceIsNotStarted() {
        pipelines.forget(STOCK);
    }

    @Test
    void aSourceThatIsNotStartedIsNotReady() {
        pipelines.forget(STOCK);

        probe("ready")
                .statusCode(503)
                .body(
                        "checks.find { it.name == 'source-stock' }.data.message",
                        equalTo(
                                "The source is not started yet: the databases have not answered, or the rules are being checked."));
        assertThat(metrics())
                .contains("wal_monitor_source_state{source=\"stock\",state=\"CONNECTING\"} 1.0");
    }

    @Test
    void aliveMeansThatEventLoopsTurnAndNothingElse() {
        pipelines.set(Statuses.streaming(SHOP).failing(SourceState.FAILED, "No right.", null));

        probe("live")
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks.name", equalTo(List.of("event-loops")))
                .body(
                        "checks[0].data.turning",
                        equalTo(probe("live").extract().path("checks[0].data.of")));
    }

    @Test
    void readyMeansDatabaseRedisAndEverySource() {
        probe("ready")
                .statusCode(200)
                .body(
                        "checks.name",
                        containsInAnyOrder(
                                "monitor-database",
                                "redis",
                                "caches-shop",
                                "caches-stock",
                                "source-shop",
                                "source-stock"))
                .body("checks.find { it.name == 'source-shop' }.data.state", equalTo("STREAMING"))
                .body(
                        "checks.find { it.name == 'source-shop' }.data.since",
                        equalTo("2026-11-01T10:00:00Z"));
    }

    @Test
    void oneSourceThatFailsIsEnoughAndSaysWhy() {
        pipelines.set(
                Statuses.streaming(SHOP)
                        .failing(SourceState.CONNECTING, "Refused.", "Start the server."));

        probe("ready")
                .statusCode(503)
                .body(
                        "checks.findAll { it.status == 'DOWN' }.name",
                        equalTo(List.of("source-shop")))
                .body("checks.find { it.name == 'source-shop' }.data.state", equalTo("CONNECTING"))
                .body(
                        "checks.find { it.name == 'source-shop' }.data.message",
                        equalTo("Refused. Start the server."));
    }

    @Test
    void aStandbyIsReady() {
        pipelines.set(Statuses.streaming(SHOP).in(SourceState.STANDBY));

        probe("ready")
                .statusCode(200)
                .body("checks.find { it.name == 'source-shop' }.data.state", equalTo("STANDBY"));
    }

    @Test
    void startedMeansThatTheApplicationIsUp() {
        pipelines.set(Statuses.streaming(SHOP).failing(SourceState.FAILED, "No right.", null));

        probe("started").statusCode(200).body("checks.name", equalTo(List.of("application")));
    }

    @Test
    void probesAndMetricsAreNotOnTheMainPort() {
        given().get("/q/health/ready").then().statusCode(404);
        given().get("/q/metrics").then().statusCode(404);
    }

    @Test
    void theManifestsAskWhatIsThere() {
        for (HTTPGetAction probe : Manifests.probes()) {
            given().get(manifestUrl(probe.getPath()))
                    .then()
                    .statusCode(200)
                    .body("status", equalTo("UP"));
        }
        given().get(manifestUrl(Manifests.metricsPath())).then().statusCode(200);
    }

    @Test
    void metricsTellOfEverySource() {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(metrics())
                                .contains(
                                        "wal_monitor_replication_lag_bytes{source=\"shop\"} 4096.0"));

        assertThat(metrics())
                .contains(
                        "wal_monitor_slot_retained_bytes{source=\"shop\"} 8192.0",
                        "wal_monitor_replication_lag_bytes{source=\"stock\"} NaN",
                        "wal_monitor_source_state{source=\"shop\",state=\"STREAMING\"} 1.0",
                        "wal_monitor_source_state{source=\"shop\",state=\"FAILED\"} 0.0",
                        "wal_monitor_upserts_total{outcome=\"failed\",source=\"stock\"} 0.0")
                .anyMatch(line ->
                        line.matches(
                                "wal_monitor_upserts_total\\{outcome=\"done\",source=\"shop\"} [1-9][0-9.E]*"));
    }

    private List<String> metrics() {
        return given().get(url("/metrics"))
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .lines()
                .toList();
    }

    private ValidatableResponse probe(String which) {
        return given().get(url("/health/" + which)).then();
    }

    private String url(String path) {
        return management.replaceFirst("/+$", "") + path;
    }

    /** The management port, without its root path: a manifest names the whole path. */
    private String manifestUrl(String path) {
        return url("").replaceFirst("/q$", "") + path;
    }
}
