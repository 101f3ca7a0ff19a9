package dev.walmonitor.admin;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
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
                                "/api/v1/barrier",
                                "/api/v1/replication/{source}/status"))
                .body(
                        "components.schemas.WalMonitor.properties.keySet()",
                        hasItems("source_id", "replication_lag_bytes"))
                .body(
                        "components.schemas.ReplicationStatus.properties.received.examples",
                        hasItem("16/B374D848"));
    }

    @Test
    void aBarrierThatIsPassedSaysNothing() {
        pipelines.answer(new Barrier.Applied(new Lsn(0x11)));
        get("/api/v1/barrier?source=shop&lsn=16/B374D848&rule=roles&timeout=200ms").statusCode(204);
        assertThat(pipelines.asked()).isEqualTo("shop 16/B374D848 roles PT0.2S");
        get("/api/v1/barrier?source=shop&lsn=0/2018&timeout=2s").statusCode(204);
        assertThat(pipelines.asked()).isEqualTo("shop 0/2000 null PT2S");
        int id = get("/api/v1/wal-monitor/sources/shop").extract().path("source_id");
        get("/api/v1/barrier?source=" + id).statusCode(204);
        assertThat(pipelines.asked()).isEqualTo("shop null null PT1S");
    }

    @Test
    void aBarrierThatIsNotPassedInTimeSaysWhereEachRuleStands() {
        pipelines.answer(
                new Barrier.Behind(
                        new Lsn(0x21),
                        new Lsn(0x30),
                        SourceState.STREAMING,
                        null,
                        List.of(
                                new Barrier.Standing("roles", new Lsn(0x20), 3, false, 0, 0, null),
                                new Barrier.Standing("users", null, 0, true, 0, 0, null))));
        get("/api/v1/barrier?source=shop&lsn=0/21&timeout=200ms")
                .statusCode(504)
                .contentType("application/problem+json")
                .body("$", aMapWithSize(10))
                .body("type", equalTo("urn:wal-monitor:problem:barrier"))
                .body("title", equalTo("Not applied within 200 ms"))
                .body("status", equalTo(504))
                .body(
                        "detail",
                        equalTo("The rules named below have not done everything up to 0/21."))
                .body("instance", equalTo("/api/v1/barrier"))
                .body("source", equalTo("shop"))
                .body("state", equalTo("STREAMING"))
                .body("place", equalTo("0/21"))
                .body("received", equalTo("0/30"))
                .body("rules[0].rule", equalTo("roles"))
                .body("rules[0].oldest", equalTo("0/20"))
                .body("rules[0].failures", equalTo(3))
                .body("rules[0].filling", equalTo(false))
                .body("rules[1].oldest", nullValue())
                .body("rules[1].filling", equalTo(true));
        pipelines.answer(
                new Barrier.Behind(
                        new Lsn(0x21),
                        null,
                        SourceState.FAILED,
                        new SourceFailure(
                                SourceState.FAILED,
                                "28P01",
                                "The password is wrong.",
                                "Mend it.",
                                SourceFailure.Retry.SLOWLY),
                        List.of()));
        get("/api/v1/barrier?source=shop")
                .statusCode(504)
                .body("state", equalTo("FAILED"))
                .body(
                        "detail",
                        equalTo(
                                "The stream has not been taken in up to 0/21, but not at all. The password is wrong. Mend it."));
    }

    @Test
    void aBarrierThatCannotBeAnsweredHereSaysWhy() {
        pipelines.answer(new Barrier.Elsewhere(SourceState.STANDBY));
        get("/api/v1/barrier?source=shop")
                .statusCode(503)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:not-here"))
                .body("state", equalTo("STANDBY"))
                .body(
                        "detail",
                        equalTo(
                                "Another instance reads the source \"shop\", and what its rules have done is known there alone."));
        pipelines.answer(new Barrier.NoPlace("It is away."));
        get("/api/v1/barrier?source=shop")
                .statusCode(503)
                .body(
                        "detail",
                        equalTo(
                                "Where the log of the source \"shop\" ends cannot be told: It is away."));
        pipelines.answer(new Barrier.NoRule(List.of("roles", "users")));
        get("/api/v1/barrier?source=shop&rule=rolls")
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:unknown-rule"))
                .body(
                        "detail",
                        equalTo("The source \"shop\" has no rule \"rolls\"; it has roles, users."));
        get("/api/v1/barrier?source=nowhere")
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:unknown-source"));
        get("/api/v1/barrier").statusCode(404).body("detail", containsString("\"main\""));
    }

    @Test
    void aBarrierIsToldWhatIsWrongWithItsParameters() {
        get("/api/v1/barrier?source=shop&lsn=12345")
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:bad-parameter"))
                .body("title", equalTo("Bad parameter lsn"))
                .body(
                        "detail",
                        equalTo(
                                "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got \"12345\"."));
        for (String timeout : new String[] {"31s", "soon", "-1s", "999999999999999999999s"}) {
            get("/api/v1/barrier?source=shop&timeout=" + timeout)
                    .statusCode(400)
                    .body(
                            "detail",
                            equalTo(
                                    "Expected a time of at most 30s, such as 200ms or 2s, got \""
                                            + timeout
                                            + "\"."));
        }
    }

    private static ValidatableResponse get(String path) {
        return given().urlEncodingEnabled(false).get(path).then();
    }
}
