package dev.walmonitor.admin;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The door to what was archived. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class HistoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HISTORY = "/api/v1/changes/history?source=shop";
    private static final String TIME =
            "Expected a time with its offset, of the years 1 to 9999, such as 2026-11-21T18:00:00Z, got ";
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Relation KEPT =
            new Relation(
                    7,
                    new TableName("public", "kept"),
                    ReplicaIdentity.DEFAULT,
                    List.of(new Column("id", 23, -1, true)),
                    List.of(0));

    @Inject FakePipelines pipelines;
    @Inject Schema schema;
    @Inject ChangeArchive archive;

    @BeforeEach
    void tenChanges() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(Statuses.streaming(SHOP).received("16/B374D848"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> get("/api/v1/wal-monitor/sources/shop").statusCode(200));
        List<Archived> changes = new ArrayList<>();
        for (int n = 1; n <= 10; n++) {
            Transaction at = new Transaction(SHOP, 5, new Lsn(n), NOON.plusSeconds(n), n);
            Row row = Row.of(KEPT, new ColumnValue.Text(String.valueOf(n % 3)));
            String envelope = "{\"id\":\"shop:5:" + new Lsn(n) + ":0\",\"new\":{\"price\":1.50}}";
            changes.add(new Archived("r", new RowChange.Insert(at, 0, row), envelope));
        }
        var _ = archive.store(changes).await().atMost(PATIENCE);
    }

    @Test
    void changesComeInPagesAsTheyWereSent() {
        ValidatableResponse page = get(HISTORY + "&table=kept&limit=6");
        page.statusCode(200)
                .contentType("application/json")
                .body("source", equalTo("shop"))
                .body("changes", hasSize(6))
                .body("next", equalTo("5:0/6:0"));
        assertThat(page.extract().asString())
                .startsWith(
                        "{\"source\":\"shop\",\"changes\":[{\"id\":\"shop:5:0/1:0\",\"new\":{\"price\":1.50}},");
        get(HISTORY + "&table=kept&limit=6&after=5:0/6:0")
                .body(
                        "changes.id",
                        contains("shop:5:0/7:0", "shop:5:0/8:0", "shop:5:0/9:0", "shop:5:0/A:0"))
                .body("next", nullValue());
        get(HISTORY + "&after=shop:5:0/9:0").body("changes", hasSize(1));
    }

    @Test
    void aRowsChangesAndThoseOfATimeAndOfPositionsAreFound() {
        get(HISTORY + "&table=public.kept&key=2")
                .body("changes.id", contains("shop:5:0/2:0", "shop:5:0/5:0", "shop:5:0/8:0"));
        get(HISTORY + "&from=2026-03-01T12:00:09Z&to=2026-03-01T13:00:10%2B01:00")
                .body("changes.id", contains("shop:5:0/9:0"));
        get(HISTORY + "&lsn-from=0/3&lsn-to=0/5")
                .body("changes.id", contains("shop:5:0/3:0", "shop:5:0/4:0"));
        get(HISTORY + "&key=9&table=kept")
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:not-archived"))
                .body(
                        "detail",
                        equalTo(
                                "Nothing is known of public.kept of source \"shop\", as no rule archives it. Add"
                                        + " one: history: { tables: public.kept, archive: { retention: 30d } }"));
    }

    @Test
    void whatCannotBeReadIsAProblem() {
        bad("&limit=0", "limit", "Expected a number from 1 to 1000, got \"0\".");
        bad("&limit=x", "limit", "Expected a number from 1 to 1000, got \"x\".");
        bad(
                "&lsn-from=5",
                "lsn-from",
                "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got \"5\".");
        bad("&from=yesterday", "from", TIME + "\"yesterday\".");
        bad(
                "&from=2026-03-01T12:00:09Z&to=2026-03-01T12:00:09Z",
                "to",
                "Expected a time after 2026-03-01T12:00:09Z, got 2026-03-01T12:00:09Z.");
        bad(
                "&key=1",
                "key",
                "Expected the parameter table beside key, as keys are those of one table.");
        bad(
                "&after=99999999999999999999:0/1:0",
                "after",
                "Expected a change's id or what \"next\" said, such as 1763740800:16/B374D848:0, got"
                        + " \"99999999999999999999:0/1:0\".");
        get("/api/v1/changes/history?source=nobody")
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:unknown-source"));
    }

    @Test
    void timesThatTheDatabaseWouldRefuseAreProblemsToo() {
        List<String> refused =
                List.of(
                        "-4713-11-24T00:00:00Z",
                        "-4712-01-01T00:00:00Z",
                        "0000-12-31T23:59:59Z",
                        "+10000-01-01T00:00:00Z",
                        "+294276-12-31T23:59:59.999999Z",
                        "+294277-01-01T00:00:00Z",
                        "-999999999-01-01T00:00:00Z",
                        "+999999999-12-31T23:59:59.999999999Z");
        for (String time : refused) {
            for (String name : List.of("from", "to")) {
                bad("&" + name + "=" + time.replace("+", "%2B"), name, TIME + "\"" + time + "\".");
            }
            given().contentType("application/json")
                    .body("{\"from\": \"" + time + "\", \"dry_run\": true}")
                    .post("/api/v1/replication/shop/replay")
                    .then()
                    .statusCode(400)
                    .body("title", equalTo("Bad parameter from"));
        }
        for (String time :
                List.of(
                        "0001-01-01T00:00:00Z",
                        "0001-01-01T00:00:00%2B18:00",
                        "9999-12-31T23:59:59.999999999Z",
                        "9999-12-31T23:59:59-18:00")) {
            get(HISTORY + "&from=" + time).statusCode(200);
            get(HISTORY + "&to=" + time).statusCode(200);
        }
    }

    private static void bad(String parameters, String name, String detail) {
        get(HISTORY + parameters)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:bad-parameter"))
                .body("title", equalTo("Bad parameter " + name))
                .body("detail", equalTo(detail));
    }

    @Test
    void theDoorIsDescribed() {
        String openApi = given().when().get("/q/openapi").then().extract().asString();
        assertThat(openApi).contains("/api/v1/changes/history:", "lsn-from", "name: after");
    }

    private static ValidatableResponse get(String path) {
        return given().urlEncodingEnabled(false).when().get(path).then();
    }
}
