package dev.walmonitor.admin;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(MonitorProfile.class)
class ApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Inject FakePipelines pipelines;
    @Inject Schema schema;

    @BeforeEach
    void aSourceThatStreams() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(SHOP, new LogGauges(4096, 8192, true));
        pipelines.set(Statuses.streaming(SHOP).received("16/B374D848"));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        get("/api/v1/wal-monitor/sources/shop")
                                .statusCode(200)
                                .body("status", equalTo("ACTIVE"))
                                .body("replication_lag_bytes", equalTo(4096)));
    }

    @Test
    void aMonitorRowIsFoundByNameAndById() {
        int id = get("/api/v1/wal-monitor/sources/shop").extract().path("source_id");

        for (String source : new String[] {"shop", String.valueOf(id)}) {
            get("/api/v1/wal-monitor/sources/" + source)
                    .statusCode(200)
                    .contentType("application/json")
                    .body("$", aMapWithSize(13))
                    .body("id", greaterThanOrEqualTo(1))
                    .body("source_id", equalTo(id))
                    .body("wal_lsn", notNullValue())
                    .body("wal_position", notNullValue())
                    .body("last_wal_received", equalTo("2026-11-01T10:00:00Z"))
                    .body("last_transaction_time", equalTo("2026-11-01T09:59:00Z"))
                    .body("replication_slot_name", equalTo("shop_slot"))
                    .body("status", equalTo("ACTIVE"))
                    .body("error_message", nullValue())
                    .body("last_checked_at", notNullValue())
                    .body("created_at", notNullValue())
                    .body("updated_at", notNullValue());
        }
    }

    @Test
    void allMonitorRowsAreListed() {
        get("/api/v1/wal-monitor/")
                .statusCode(200)
                .body("replication_slot_name", hasItem("shop_slot"));
        get("/api/v1/wal-monitor")
                .statusCode(200)
                .body("replication_slot_name", hasItem("shop_slot"));
    }

    @Test
    void sourcesAreListed() {
        get("/api/v1/sources")
                .statusCode(200)
                .body("find { it.name == 'shop' }.kind", equalTo("postgresql"))
                .body("find { it.name == 'shop' }.slot", equalTo("shop_slot"))
                .body("find { it.name == 'shop' }.id", greaterThanOrEqualTo(1))
                .body("find { it.name == 'shop' }.created_at", notNullValue());
    }

    @Test
    void anUnknownSourceIsAProblem() {
        for (String source :
                new String[] {"nobody", "999999999", "99999999999999999999", "a%20b%22"}) {
            get("/api/v1/wal-monitor/sources/" + source)
                    .statusCode(404)
                    .contentType("application/problem+json")
                    .body("type", equalTo("urn:wal-monitor:problem:unknown-source"))
                    .body("title", equalTo("Unknown source"))
                    .body("status", equalTo(404))
                    .body("instance", containsString("/api/v1/wal-monitor/sources/"));
            get("/api/v1/replication/" + source + "/status")
                    .statusCode(404)
                    .body("type", equalTo("urn:wal-monitor:problem:unknown-source"));
        }
        get("/api/v1/wal-monitor/sources/nobody")
                .body(
                        "detail",
                        equalTo(
                                "There is no source \"nobody\"; /api/v1/sources lists those that there are."));
    }

    @Test
    void anUnknownPathAndAWrongMethodAreProblems() {
        get("/api/v1/nothing")
                .statusCode(404)
                .contentType("application/problem+json")
                .body("status", equalTo(404));
        given().delete("/api/v1/sources")
                .then()
                .statusCode(405)
                .contentType("application/problem+json")
                .body("status", equalTo(405));
    }

    @Test
    void theStatusOfAReplicationTellsWhereItStands() {
        get("/api/v1/replication/shop/status")
                .statusCode(200)
                .body("source", equalTo("shop"))
                .body("state", equalTo("STREAMING"))
                .body("since", equalTo("2026-11-01T10:00:00Z"))
                .body("sentence", nullValue())
                .body("remedy", nullValue())
                .body("received", equalTo("16/B374D848"))
                .body("watermark", equalTo("16/B374D844"))
                .body("confirmed", equalTo("16/B374D840"))
                .body("lag_bytes", equalTo(4096))
                .body("retained_bytes", equalTo(8192))
                .body("in_flight", equalTo(0))
                .body("oldest_seconds", equalTo(1.5f))
                .body("reconnects", equalTo(2));
    }

    @Test
    void theStatusOfAReplicationThatFailsTellsTheRemedy() {
        pipelines.set(
                Statuses.streaming(SHOP)
                        .failing(
                                SourceState.FAILED, "wal_level is replica.", "Set it to logical."));
        int id = get("/api/v1/wal-monitor/sources/shop").extract().path("source_id");

        get("/api/v1/replication/" + id + "/status")
                .statusCode(200)
                .body("state", equalTo("FAILED"))
                .body("sentence", equalTo("wal_level is replica."))
                .body("remedy", equalTo("Set it to logical."));
    }

    @Test
    void aSourceThatIsNotStartedYetSaysSo() {
        get("/api/v1/replication/stock/status")
                .statusCode(200)
                .body("state", equalTo("CONNECTING"))
                .body("since", nullValue())
                .body(
                        "sentence",
                        equalTo(
                                "The source is not started yet: the databases have not answered, or the rules are being checked."));
    }

    @Test
    void theDescriptionNamesEveryEndpointAndItsFields() {
        get("/q/openapi?format=json")
                .statusCode(200)
                .body("info.title", equalTo("WAL Monitor"))
                .body(
                        "paths.keySet()",
                        hasItems(
                                "/api/v1/sources",
                                "/api/v1/wal-monitor",
                                "/api/v1/wal-monitor/sources/{source_id}",
                                "/api/v1/replication/{source}/status"))
                .body(
                        "components.schemas.WalMonitor.properties.keySet()",
                        hasItems("source_id", "replication_lag_bytes"))
                .body(
                        "components.schemas.ReplicationStatus.properties.received.examples",
                        hasItem("16/B374D848"));
    }

    private static ValidatableResponse get(String path) {
        return given().urlEncodingEnabled(false).get(path).then();
    }
}
