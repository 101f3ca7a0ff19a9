package dev.walmonitor.admin;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The doors for listeners that are none of ours. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class MonitorApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PROBLEM = "urn:wal-monitor:problem:";

    @Inject Schema schema;
    @Inject Pool pool;
    @Inject FakePipelines pipelines;

    @TestHTTPResource("/api/v1/wal-monitor/sources/")
    URI rows;

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(Statuses.streaming(FakePipelines.SHOP));
    }

    @Test
    void theClassicalExample() {
        int source = source("classical");
        int id =
                post(
                                "/wal-monitor/sources/" + source,
                                "{\"wal_lsn\": \"0/15D68A0\", \"wal_position\": 22898848,"
                                        + " \"replication_slot_name\": \"orders_slot\"}")
                        .statusCode(201)
                        .contentType("application/json")
                        .body("$", aMapWithSize(13))
                        .body("source_id", equalTo(source))
                        .body("wal_lsn", equalTo("0/15D68A0"))
                        .body("wal_position", equalTo(22898848))
                        .body("replication_slot_name", equalTo("orders_slot"))
                        .body("status", equalTo("ACTIVE"))
                        .body("last_checked_at", notNullValue())
                        .extract()
                        .path("id");
        post("/wal-monitor/sources/classical", "{\"wal_lsn\": \"0/15D68F0\"}")
                .statusCode(200)
                .body("id", equalTo(id))
                .body("wal_lsn", equalTo("0/15D68F0"))
                .body("wal_position", equalTo(0x15D68F0))
                .body("replication_slot_name", equalTo("orders_slot"));
        patch("classical", "{\"status\": \"ERROR\", \"error_message\": \"Slot lost.\"}")
                .statusCode(200)
                .body("id", equalTo(id))
                .body("status", equalTo("ERROR"));
        get("/wal-monitor/sources/classical")
                .statusCode(200)
                .body("status", equalTo("ERROR"))
                .body("error_message", equalTo("Slot lost."))
                .body("wal_lsn", equalTo("0/15D68F0"));
        delete("/wal-monitor/sources/classical").statusCode(204);
        get("/wal-monitor/sources/classical")
                .statusCode(404)
                .body("type", equalTo(PROBLEM + "no-monitor"));
        delete("/wal-monitor/sources/classical").statusCode(404);
        patch("classical", "{\"status\": \"IDLE\"}").statusCode(404);
    }

    @Test
    void whatIsAbsentStaysAndNullClears() {
        int source = source("partial");
        String all =
                """
                {"source_id": %d, "wal_lsn": "1/0a", "wal_position": 9223372036854775807,
                 "last_wal_received": "2026-11-21T19:00:00+01:00", "last_transaction_time": "2026-11-21T17:59:59.5Z",
                 "replication_slot_name": "s", "replication_lag_bytes": 7, "status": "ERROR", "error_message": "x"}
                """
                        .formatted(source);
        post("/wal-monitor/sources/partial", all)
                .statusCode(201)
                .body("wal_lsn", equalTo("1/A"))
                .body("wal_position", equalTo(Long.MAX_VALUE))
                .body("last_wal_received", equalTo("2026-11-21T18:00:00Z"))
                .body("last_transaction_time", equalTo("2026-11-21T17:59:59.500Z"));

        post("/wal-monitor/sources/partial", "{}")
                .statusCode(200)
                .body("wal_lsn", equalTo("1/A"))
                .body("wal_position", equalTo(Long.MAX_VALUE))
                .body("last_wal_received", equalTo("2026-11-21T18:00:00Z"))
                .body("replication_slot_name", equalTo("s"))
                .body("replication_lag_bytes", equalTo(7))
                .body("status", equalTo("ERROR"))
                .body("error_message", equalTo("x"));

        String none =
                """
                {"source_id": "partial", "wal_lsn": null, "wal_position": null, "last_wal_received": null,
                 "last_transaction_time": null, "replication_slot_name": null, "replication_lag_bytes": null,
                 "error_message": null}
                """;
        post("/wal-monitor/sources/partial", none)
                .statusCode(200)
                .body("wal_lsn", nullValue())
                .body("wal_position", nullValue())
                .body("last_wal_received", nullValue())
                .body("last_transaction_time", nullValue())
                .body("replication_slot_name", nullValue())
                .body("replication_lag_bytes", nullValue())
                .body("error_message", nullValue())
                .body("status", equalTo("ERROR"));
    }

    @Test
    void whatCannotBeReadIsToldWithItsField() {
        int source = source("strict");
        String lsn =
                "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got ";
        String number = "Expected a whole number from 0 to 9223372036854775807, got ";
        String time = "Expected a time with its offset, such as 2026-11-21T18:00:00Z, got ";
        bad("{\"wal_lsn\": \"x\"}", "wal_lsn", lsn + "\"x\".");
        bad("{\"wal_lsn\": \"0/123456789\"}", "wal_lsn", lsn + "\"0/123456789\".");
        bad("{\"wal_lsn\": \"\"}", "wal_lsn", lsn + "\"\".");
        bad("{\"wal_lsn\": 7}", "wal_lsn", "Expected a text, got 7.");
        bad("{\"replication_lag_bytes\": -1}", "replication_lag_bytes", number + "-1.");
        bad("{\"replication_lag_bytes\": \"1\"}", "replication_lag_bytes", number + "\"1\".");
        bad("{\"replication_lag_bytes\": 1.5}", "replication_lag_bytes", number + "1.5.");
        bad(
                "{\"wal_position\": 9223372036854775808}",
                "wal_position",
                number + "9223372036854775808.");
        bad("{\"wal_position\": [1]}", "wal_position", number + "an array.");
        bad(
                "{\"status\": \"active\"}",
                "status",
                "Expected ACTIVE, IDLE or ERROR, got \"active\".");
        bad("{\"status\": null}", "status", "Expected ACTIVE, IDLE or ERROR, got null.");
        bad("{\"status\": 1}", "status", "Expected a text, got 1.");
        bad("{\"last_wal_received\": \"now\"}", "last_wal_received", time + "\"now\".");
        bad(
                "{\"last_wal_received\": \"+999999999-01-01T00:00:00Z\"}",
                "last_wal_received",
                time + "\"+999999999-01-01T00:00:00Z\".");
        bad(
                "{\"error_message\": \"a\\u0000b\"}",
                "error_message",
                "Expected a text, got \"a\\u0000b\".");
        bad(
                "{\"replication_slot_name\": \"" + "s".repeat(256) + "\"}",
                "replication_slot_name",
                "Expected at most 255 characters, got 256.");
        bad(
                "{\"source_id\": 999}",
                "source_id",
                "Expected " + source + " or \"strict\" as in the path, got 999.");
        bad(
                "{\"lag\": 1}",
                "lag",
                "Expected no other fields than error_message, last_transaction_time, last_wal_received,"
                        + " replication_lag_bytes, replication_slot_name, source_id, status, wal_lsn, wal_position.");
        bad("[]", "body", "Expected a JSON object, got an array.");
        bad("", "body", "Expected JSON, got nothing.");
        bad("{\"status\":", "body", "Expected JSON, got something else at line 1, column 11.");
        bad(
                "{\"status\": \"IDLE\", \"status\": \"ERROR\"}",
                "body",
                "Expected JSON, got something else at line 1, column 28.");
        bad("{} {}", "body", "Expected JSON, got something else at line 1, column 4.");
        get("/wal-monitor/sources/strict").statusCode(404);

        patch("strict", "{\"status\": \"DOWN\"}")
                .statusCode(400)
                .body("field", equalTo("status"))
                .body("detail", equalTo("Expected ACTIVE, IDLE or ERROR, got \"DOWN\"."));
        patch("strict", "{}")
                .statusCode(400)
                .body("detail", equalTo("Expected ACTIVE, IDLE or ERROR, got nothing."));
        given().contentType("text/plain")
                .body("{}")
                .post("/api/v1/wal-monitor/sources/strict")
                .then()
                .statusCode(415);
    }

    private static void bad(String body, String field, String detail) {
        post("/wal-monitor/sources/strict", body)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("$", aMapWithSize(6))
                .body("type", equalTo(PROBLEM + "bad-field"))
                .body("title", equalTo("Bad field " + field))
                .body("status", equalTo(400))
                .body("detail", equalTo(detail))
                .body("instance", equalTo("/api/v1/wal-monitor/sources/strict"))
                .body("field", equalTo(field));
    }

    @Test
    void anUnknownSourceIsNotWritten() {
        for (String source : new String[] {"nobody", "999999", "0"}) {
            post("/wal-monitor/sources/" + source, "{}")
                    .statusCode(404)
                    .body("type", equalTo(PROBLEM + "unknown-source"));
            delete("/wal-monitor/sources/" + source).statusCode(404);
            delete("/sources/" + source).statusCode(404);
            get("/sources/" + source).statusCode(404);
        }
    }

    @Test
    void aConfiguredSourceIsWrittenByNobodyElse() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> get("/wal-monitor/sources/shop").statusCode(200));
        post("/wal-monitor/sources/shop", "{}")
                .statusCode(409)
                .body("type", equalTo(PROBLEM + "configured-source"))
                .body(
                        "detail",
                        equalTo(
                                "The source \"shop\" is one of the configuration: WAL Monitor writes what is known of"
                                        + " it, and nobody else may."));
        patch("shop", "{\"status\": \"IDLE\"}").statusCode(409);
        delete("/wal-monitor/sources/shop").statusCode(409);
        delete("/sources/shop").statusCode(409);
        post("/wal-monitor/batch", "[{\"source_id\": \"shop\"}]").statusCode(409);
        get("/sources/shop").statusCode(200).body("configured", equalTo(true));
    }

    @Test
    void aSourceIsMadeKnownAndForgottenWithAllThatIsKnownOfIt() {
        int id =
                post("/sources", "{\"name\": \"fleeting\", \"kind\": \"mysql\"}")
                        .statusCode(201)
                        .body("name", equalTo("fleeting"))
                        .body("kind", equalTo("mysql"))
                        .body("configured", equalTo(false))
                        .extract()
                        .path("id");
        post("/sources", "{\"name\": \"fleeting\"}")
                .statusCode(200)
                .body("id", equalTo(id))
                .body("kind", equalTo("mysql"));
        post("/sources", "{\"name\": \"defaulted\"}")
                .statusCode(201)
                .body("kind", equalTo("postgresql"));
        post("/wal-monitor/sources/" + id, "{\"wal_lsn\": \"0/1\"}").statusCode(201);
        get("/sources/fleeting").statusCode(200).body("id", equalTo(id));
        delete("/sources/" + id).statusCode(204);
        get("/sources/fleeting").statusCode(404);
        get("/wal-monitor/sources/" + id).statusCode(404);
        assertThat(count("SELECT count(*) FROM wal_monitor.wal_monitor WHERE source_id = " + id))
                .isZero();
        delete("/sources/" + id).statusCode(404);
    }

    @Test
    void aNameThatCannotStandInAPathIsNone() {
        for (String name :
                new String[] {"", " a", "12", "a/b", "..", "a\\u0007", "123456789012", "\\u0000"}) {
            post("/sources", "{\"name\": \"" + name + "\"}")
                    .statusCode(400)
                    .body("type", equalTo(PROBLEM + "bad-field"))
                    .body("field", equalTo("name"));
        }
        post("/sources", "{}").statusCode(400).body("field", equalTo("name"));
        post("/sources", "{\"name\": \"k\", \"kind\": \"My Kind\"}")
                .statusCode(400)
                .body("field", equalTo("kind"))
                .body(
                        "detail",
                        equalTo(
                                "Expected a word such as postgresql, at most 32 characters, got \"My Kind\"."));
    }

    @Test
    void aBatchIsWrittenWholeOrNotAtAll() {
        int one = source("batch-one");
        int two = source("batch-two");
        post(
                        "/wal-monitor/batch",
                        "[{\"source_id\": \"batch-two\", \"wal_lsn\": \"0/2\"}, {\"source_id\": "
                                + one
                                + ", \"status\": \"ERROR\", \"error_message\": \"gone\"}]")
                .statusCode(200)
                .body("source_id", contains(two, one))
                .body("status", contains("ACTIVE", "ERROR"))
                .body("[0].wal_lsn", equalTo("0/2"));

        post(
                        "/wal-monitor/batch",
                        "[{\"source_id\": \"batch-two\", \"wal_lsn\": \"0/3\"}, {\"source_id\": \"nobody\"}]")
                .statusCode(404)
                .body("type", equalTo(PROBLEM + "unknown-source"));
        badBatch(
                "[{\"source_id\": \"batch-two\", \"wal_lsn\": \"0/3\"}, {\"source_id\": "
                        + two
                        + "}]",
                "[1].source_id",
                "Expected each source once, got " + two + ".");
        badBatch(
                "[{\"source_id\": \"batch-two\", \"wal_lsn\": \"0/3\"}, {\"source_id\": 1, \"wal_lsn\": \"\"}]",
                "[1].wal_lsn",
                "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got \"\".");
        badBatch("[{}]", "[0].source_id", "Expected a source's id or name, got nothing.");
        badBatch("[7]", "[0]", "Expected a JSON object, got 7.");
        badBatch("{}", "body", "Expected a JSON array of objects, got an object.");
        badBatch(
                "[" + "{},".repeat(1000) + "{}]",
                "body",
                "Expected at most 1000 objects, got 1001.");
        get("/wal-monitor/sources/batch-two").body("wal_lsn", equalTo("0/2"));
        post("/wal-monitor/batch", "[]").statusCode(200).body("$", equalTo(List.of()));
    }

    private static void badBatch(String body, String field, String detail) {
        post("/wal-monitor/batch", body)
                .statusCode(400)
                .body("field", equalTo(field))
                .body("detail", equalTo(detail));
    }

    @Test
    void rowsComeInPagesAndByStatus() {
        int first = source("paged-1");
        int second = source("paged-2");
        int third = source("paged-3");
        for (int source : new int[] {first, second, third}) {
            String status = source == second ? "IDLE" : "ERROR";
            post("/wal-monitor/sources/" + source, "{\"status\": \"" + status + "\"}")
                    .statusCode(201);
        }
        String page = "/wal-monitor?after=" + (first - 1) + "&limit=2";
        get(page).body("source_id", contains(first, second));
        get(page + "&status=ERROR").body("source_id", contains(first, third));
        get("/wal-monitor?limit=1&after=" + second).body("source_id", contains(third));
        get("/wal-monitor?status=BROKEN")
                .statusCode(400)
                .body("type", equalTo(PROBLEM + "bad-parameter"))
                .body("detail", equalTo("Expected ACTIVE, IDLE or ERROR, got \"BROKEN\"."));
        get("/wal-monitor?limit=1001").statusCode(400);
        get("/wal-monitor?after=x").statusCode(400);
    }

    @Test
    void aThousandUpsertsAtOnceLeaveOneRowAndNoError() {
        int source = source("crowd");
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int n = 0; n < 1000; n++) {
                String body = "{\"wal_lsn\": \"0/" + Integer.toHexString(n) + "\"}";
                answers.add(
                        client.sendAsync(
                                HttpRequest.newBuilder(rows.resolve("crowd"))
                                        .header("Content-Type", "application/json")
                                        .timeout(PATIENCE)
                                        .POST(BodyPublishers.ofString(body))
                                        .build(),
                                BodyHandlers.ofString()));
            }
            List<Integer> codes =
                    answers.stream()
                            .map(CompletableFuture::join)
                            .map(HttpResponse::statusCode)
                            .toList();
            assertThat(codes).containsOnly(200, 201).containsOnlyOnce(201);
        }
        assertThat(
                        count(
                                "SELECT count(*) FROM wal_monitor.wal_monitor WHERE source_id = "
                                        + source))
                .isOne();
        assertThat(
                        count(
                                "SELECT last_value FROM pg_sequences WHERE schemaname = 'wal_monitor'"
                                        + " AND sequencename = 'wal_monitor_id_seq'"))
                .as("an update takes no id")
                .isLessThan(1000);
    }

    @Test
    void metricsComeAsSeriesForCharts() {
        int source = source("charted");
        Instant now = Instant.now();
        var _ =
                pool.query(
                                """
                                INSERT INTO wal_monitor.wal_metrics SELECT %d, r, to_timestamp(floor(%d / r) * r)
                                    - make_interval(secs => r * n), 100 - n, 10 * n, 20 * n, 7, 0.5, 1.5
                                FROM generate_series(0, 60) n, unnest(ARRAY[1, 60, 3600]) r WHERE n <> 2
                                """
                                        .formatted(source, now.getEpochSecond()))
                        .execute()
                        .await()
                        .atMost(PATIENCE);
        Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
        get("/wal-metrics/sources/charted?step=1m&from="
                        + minute.minusSeconds(180)
                        + "&to="
                        + minute)
                .statusCode(200)
                .body("$", aMapWithSize(6))
                .body("source", equalTo("charted"))
                .body("from", equalTo(minute.minusSeconds(180).toString()))
                .body("to", equalTo(minute.toString()))
                .body("step_seconds", equalTo(60))
                .body(
                        "times",
                        contains(
                                minute.minusSeconds(180).toString(),
                                minute.minusSeconds(120).toString(),
                                minute.minusSeconds(60).toString()))
                .body("series", aMapWithSize(6))
                .body("series.wal_position", contains(97, null, 99))
                .body("series.lag_bytes", contains(30, null, 10))
                .body("series.lag_bytes_max", contains(60, null, 20))
                .body("series.retained_bytes", contains(7, null, 7))
                .body("series.wal_bytes_per_second", contains(0.5f, null, 0.5f))
                .body("series.changes_per_second", contains(1.5f, null, 1.5f));
        get("/wal-metrics/sources/" + source)
                .statusCode(200)
                .body("step_seconds", equalTo(16))
                .body("series.wal_position", hasItem(notNullValue()));
        String ago = now.minus(Duration.ofDays(20)) + "&to=" + now.plusSeconds(5);
        get("/wal-metrics/sources/charted?step=1h&from=" + ago)
                .statusCode(200)
                .body("step_seconds", equalTo(3600))
                .body("series.wal_position", hasItem(100));

        get("/wal-metrics/sources/nobody").statusCode(404);
        badMetrics(
                "step=1s&from=" + minute.minusSeconds(7200) + "&to=" + minute,
                "step",
                "Expected at most 2000 points, got a step of 1 s for 7200 s.");
        badMetrics(
                "step=soon",
                "step",
                "Expected whole seconds, at least 1s and at most 366d, got \"soon\".");
        badMetrics(
                "from=now",
                "from",
                "Expected a time with its offset, of the years 1970 to 9999, such as"
                        + " 2026-11-21T18:00:00Z, got \"now\".");
        badMetrics(
                "from=" + minute + "&to=" + minute,
                "to",
                "Expected a time after " + minute + ", got " + minute + ".");
    }

    private static void badMetrics(String query, String parameter, String detail) {
        get("/wal-metrics/sources/charted?" + query)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo(PROBLEM + "bad-parameter"))
                .body("title", equalTo("Bad parameter " + parameter))
                .body("detail", equalTo(detail));
    }

    @Test
    void changesOfStatusAreToldTheNewestFirst() {
        int source = source("moody");
        String path = "/wal-monitor/sources/moody";
        post(path, "{\"wal_lsn\": \"0/1\"}").statusCode(201);
        patch("moody", "{\"status\": \"ERROR\", \"error_message\": \"gone\"}").statusCode(200);
        post(path, "{\"wal_lsn\": \"0/2\", \"status\": \"IDLE\"}").statusCode(200);

        long last =
                get(path + "/history?limit=2")
                        .statusCode(200)
                        .body("[0]", aMapWithSize(6))
                        .body("old_status", contains("ERROR", "ACTIVE"))
                        .body("status", contains("IDLE", "ERROR"))
                        .body("error_message", contains("gone", "gone"))
                        .body("wal_lsn", contains("0/2", "0/1"))
                        .body("[0].at", notNullValue())
                        .extract()
                        .jsonPath()
                        .getLong("[1].id");
        get("/wal-monitor/sources/" + source + "/history?before=" + last)
                .statusCode(200)
                .body("status", contains("ACTIVE"))
                .body("[0].old_status", nullValue());
        get(path + "/history?before=x").statusCode(400);
        get("/wal-monitor/sources/nobody/history").statusCode(404);
    }

    @Test
    void alertsAreListedWithWhatToDo() {
        var _ =
                pool.query(
                                """
                                INSERT INTO wal_monitor.alert (source, kind, subject, sentence, remedy, raised_at, cleared_at, raise_told_at,
                                    clear_told_at)
                                VALUES ('listed', 'lag', '', 'It is far behind.', 'Mend it.', '2026-11-01T10:00:00Z',
                                        '2026-11-01T11:00:00Z', '2026-11-01T10:00:01Z', now()),
                                    ('listed', 'dead-letters', 'told', 'It has given up.', 'Retry.', '2026-11-01T12:00:00Z',
                                        NULL, '2026-11-01T12:00:01Z', NULL)
                                """)
                        .execute()
                        .await()
                        .atMost(PATIENCE);
        get("/alerts?source=listed")
                .statusCode(200)
                .body("size()", equalTo(1))
                .body("[0]", aMapWithSize(10))
                .body("[0].id", notNullValue())
                .body("[0].source", equalTo("listed"))
                .body("[0].kind", equalTo("dead-letters"))
                .body("[0].rule", equalTo("told"))
                .body("[0].state", equalTo("active"))
                .body("[0].sentence", equalTo("It has given up."))
                .body("[0].remedy", equalTo("Retry."))
                .body("[0].raised_at", equalTo("2026-11-01T12:00:00Z"))
                .body("[0].cleared_at", nullValue())
                .body("[0].told_at", equalTo("2026-11-01T12:00:01Z"));
        get("/alerts?source=listed&state=cleared")
                .body("kind", contains("lag"))
                .body("rule", contains(nullValue()))
                .body("cleared_at", contains("2026-11-01T11:00:00Z"));
        int newest =
                get("/alerts?source=listed&state=all&limit=1")
                        .body("kind", contains("dead-letters"))
                        .extract()
                        .path("[0].id");
        get("/alerts?source=listed&state=all&before=" + newest).body("kind", contains("lag"));
        get("/alerts?state=open")
                .statusCode(400)
                .body("detail", equalTo("Expected active, cleared or all, got \"open\"."));
        get("/alerts?source=%00").statusCode(400);
    }

    private int source(String name) {
        return post("/sources", "{\"name\": \"" + name + "\"}").extract().path("id");
    }

    private long count(String sql) {
        return pool.query(sql).execute().await().atMost(PATIENCE).iterator().next().getLong(0);
    }

    private static ValidatableResponse get(String path) {
        return given().urlEncodingEnabled(false).get("/api/v1" + path).then();
    }

    private static ValidatableResponse delete(String path) {
        return given().urlEncodingEnabled(false).delete("/api/v1" + path).then();
    }

    private static ValidatableResponse patch(String source, String body) {
        return given().contentType("application/json")
                .body(body)
                .patch("/api/v1/wal-monitor/sources/" + source + "/status")
                .then();
    }

    private static ValidatableResponse post(String path, String body) {
        return given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body(body)
                .post("/api/v1" + path)
                .then();
    }
}
