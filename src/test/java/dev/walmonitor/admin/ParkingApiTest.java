package dev.walmonitor.admin;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import dev.walmonitor.admin.command.remote.Terminal;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.SourceState;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The doors to rules, and to what waits for them. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class ParkingApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject FakePipelines pipelines;
    @Inject Schema schema;
    @Inject Pool pool;

    @BeforeEach
    void rules() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(Statuses.streaming(SHOP));
        pipelines.run(new RuleStanding(SHOP, "roles", "cache", null, false, 3, 0, 0));
        pipelines.run(new RuleStanding(SHOP, "told", "notify", "moving", true, 0, 17, 2));
    }

    @AfterEach
    void streaming() {
        pipelines.set(Statuses.streaming(SHOP));
    }

    private static ValidatableResponse post(String path, String body) {
        return given().contentType("application/json").body(body).post("/api/v1" + path).then();
    }

    @Test
    void rulesAreShownWithWhatWaitsForThem() {
        given().get("/api/v1/rules")
                .then()
                .statusCode(200)
                .body("find { it.rule == 'roles' }.state", equalTo("running"))
                .body("find { it.rule == 'roles' }.reason", nullValue())
                .body("find { it.rule == 'roles' }.in_memory", equalTo(3));
        given().get("/api/v1/rules/told")
                .then()
                .statusCode(200)
                .body("state", equalTo("paused"))
                .body("reason", equalTo("moving"))
                .body("source", equalTo(SHOP))
                .body("action", equalTo("notify"))
                .body("parked", equalTo(17))
                .body("dead", equalTo(2));
        given().get("/api/v1/rules/nobody")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:unknown-rule"));
    }

    @Test
    void aRuleIsPausedAndResumed() {
        given().queryParam("reason", "a release")
                .post("/api/v1/rules/roles/pause")
                .then()
                .statusCode(202);
        given().post("/api/v1/rules/told/pause").then().statusCode(202);
        given().post("/api/v1/rules/told/resume").then().statusCode(202);
        given().post("/api/v1/rules/nobody/resume").then().statusCode(404);

        assertThat(pipelines.told())
                .contains(
                        "shop roles pause a release",
                        "shop told pause by an operator",
                        "shop told resume");
    }

    @Test
    void aSourceIsPausedAndResumed() {
        given().queryParam("reason", "a release")
                .post("/api/v1/replication/shop/pause")
                .then()
                .statusCode(202)
                .body("detail", equalTo("Source shop is read no further."));
        given().post("/api/v1/replication/shop/resume").then().statusCode(202);
        given().post("/api/v1/replication/nobody/pause").then().statusCode(404);
        given().post("/api/v1/replication/stock/pause")
                .then()
                .statusCode(409)
                .body("detail", equalTo("Source stock is not started yet."));

        assertThat(pipelines.told()).contains("shop pause a release", "shop resume");
    }

    @Test
    void f37_onlyWhatBlocksASourceIsPassedOver() {
        pipelines.block(new Blocked(7781L, new Lsn(0x2A), new Lsn(0x20)));
        try {
            given().post("/api/v1/replication/shop/skip").then().statusCode(400);
            given().post("/api/v1/replication/shop/skip?xid=-1").then().statusCode(400);
            given().post("/api/v1/replication/shop/skip?lsn=nowhere")
                    .then()
                    .statusCode(400)
                    .body("detail", containsString("lsn: "));
            given().post("/api/v1/replication/shop/skip?xid=7782")
                    .then()
                    .statusCode(409)
                    .contentType("application/problem+json")
                    .body("type", equalTo("urn:wal-monitor:problem:refused"))
                    .body("detail", equalTo("That is not what blocks."))
                    .body("remedy", equalTo("Name it."))
                    .body("blocked.xid", equalTo(7781))
                    .body("blocked.lsn", equalTo("0/2A"))
                    .body("blocked.behind", equalTo("0/20"));
            given().post("/api/v1/replication/shop/skip?xid=7781&lsn=0/2B").then().statusCode(409);
            given().post("/api/v1/replication/shop/skip?lsn=0/2A")
                    .then()
                    .statusCode(202)
                    .body("detail", equalTo("Transaction 7781 (commit at 0/2A) is passed over."));
            given().get("/api/v1/replication")
                    .then()
                    .statusCode(200)
                    .body("source", equalTo(List.of("shop", "stock")))
                    .body("find { it.source == 'shop' }.blocked.xid", equalTo(7781));
        } finally {
            pipelines.block(null);
        }
    }

    @Test
    void aSlotThatIsReadIsNotReset() {
        given().post("/api/v1/replication/shop/reset")
                .then()
                .statusCode(409)
                .body("detail", equalTo("Slot shop_slot is active."));
    }

    @Test
    void theCommandsOfThePeopleWhoOperateIt() {
        int port = io.restassured.RestAssured.port;
        Terminal terminal = new Terminal(port);

        assertThat(terminal.run("status")).isZero();
        assertThat(terminal.out())
                .contains("SOURCE  STATE       SINCE")
                .contains("shop    STREAMING   ")
                .contains("stock   CONNECTING  -")
                .contains("told   shop    notify  paused   0          17      2\n")
                .contains("told: paused: moving\n");
        assertThat(terminal.run("status", "--source", "shop", "--json")).isZero();
        assertThat(terminal.out()).contains("\"source\" : \"shop\"").doesNotContain("stock");
        assertThat(terminal.run("status", "--source", "nobody")).isEqualTo(1);
        assertThat(terminal.err())
                .isEqualTo(
                        "There is no source \"nobody\"; /api/v1/sources lists those that there are.\n");

        assertThat(terminal.run("pause", "--rule", "roles", "--reason", "a release & more"))
                .isZero();
        assertThat(terminal.out()).isEqualTo("Paused: rule roles.\n");
        assertThat(terminal.run("pause", "--source", "shop")).isZero();
        assertThat(terminal.run("resume", "--source", "shop")).isZero();
        assertThat(terminal.out()).isEqualTo("Goes on: source shop.\n");
        assertThat(pipelines.told()).contains("shop roles pause a release & more");
        assertThat(terminal.run("pause")).isEqualTo(2);
        assertThat(terminal.run("pause", "--rule", "a", "--source", "b")).isEqualTo(2);

        assertThat(terminal.run("skip", "--source", "shop", "--xid", "7782")).isEqualTo(1);
        assertThat(terminal.err()).isEqualTo("That is not what blocks. Name it.\n");
        assertThat(terminal.run("skip", "--source", "shop")).isEqualTo(2);

        long id = dead(91);
        assertThat(terminal.run("dead-letters", "list", "--rule", "told")).isZero();
        assertThat(terminal.out()).contains("ID ").contains("told  public.t").contains("hopeless");
        assertThat(terminal.run("dead-letters", "show", String.valueOf(id))).isZero();
        assertThat(terminal.out()).contains("id: " + id + "\n").contains("error: hopeless\n");
        assertThat(terminal.run("dead-letters", "show", "999999999")).isEqualTo(1);
        assertThat(terminal.run("dead-letters", "discard")).isEqualTo(2);
        assertThat(terminal.run("dead-letters", "discard", "--all")).isEqualTo(2);
        assertThat(terminal.err())
                .isEqualTo(
                        "Every dead letter is forgotten. There is no terminal to ask on: add --force if it is"
                                + " meant.\n");
        assertThat(terminal.run("dead-letters", "discard", String.valueOf(id))).isZero();
        assertThat(terminal.out()).isEqualTo("Forgotten: 1 dead letter.\n");
    }

    @Test
    void whatAnotherInstanceReadsIsNotChangedHere() {
        pipelines.set(
                Statuses.streaming(SHOP).failing(SourceState.STANDBY, "Another holds it.", null));

        given().post("/api/v1/rules/roles/pause")
                .then()
                .statusCode(503)
                .body("detail", containsString("Another instance reads the source \"shop\""));
        post("/dead-letters/retry", "{\"all\": true}").statusCode(503);
    }

    @Test
    void deadLettersAreListedRetriedAndDiscarded() {
        long[] ids = {dead(1), dead(2)};

        given().queryParam("rule", "told")
                .queryParam("limit", 1000)
                .get("/api/v1/dead-letters")
                .then()
                .statusCode(200)
                .body("change", hasItem("0/1:1"))
                .body("find { it.change == '0/1:1' }.error", equalTo("hopeless"))
                .body("find { it.change == '0/1:1' }.table", equalTo("public.t"))
                .body("find { it.change == '0/1:1' }.attempts", equalTo(5));
        post("/dead-letters/retry", "{\"ids\": [" + ids[0] + "]}")
                .statusCode(200)
                .body("letters", equalTo(1));
        post("/dead-letters/discard", "{\"rule\": \"told\", \"table\": \"public.t\"}")
                .statusCode(200)
                .body("letters", equalTo(1));
        assertThat(pipelines.told()).contains("shop told look");
    }

    private long dead(int ordinal) {
        return pool.query(
                        """
                        INSERT INTO wal_monitor.parked_change (source_id, rule, epoch, commit_lsn, ordinal, committed_at,
                            table_name, operation, keys, shape, segment, first_lsn, xids, weight, change, state, attempts,
                            due_at, error, died_at)
                        SELECT id, 'told', 1, '0/1', %d, now(), 'public.t', 'INSERT', '{}', 1, 0, '0/1', '{1}', 1, '{}',
                               'dead', 5, now(), 'hopeless', now()
                        FROM wal_monitor.sources WHERE name = 'shop'
                        ON CONFLICT ON CONSTRAINT unique_parked_change DO UPDATE SET state = 'dead', died_at = now()
                        RETURNING id
                        """
                                .formatted(ordinal))
                .execute()
                .await()
                .atMost(PATIENCE)
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void whoDoesNotSayWhichIsAsked() {
        for (String which :
                new String[] {"{}", "{\"all\": true, \"rule\": \"told\"}", "{\"ids\": []}"}) {
            post("/dead-letters/discard", which)
                    .statusCode(400)
                    .contentType("application/problem+json")
                    .body("detail", containsString("{\"all\": true}"));
        }
        given().queryParam("limit", 0)
                .get("/api/v1/dead-letters")
                .then()
                .statusCode(400)
                .body("detail", equalTo("Expected a limit from 1 to 1000, got 0."));
    }
}
