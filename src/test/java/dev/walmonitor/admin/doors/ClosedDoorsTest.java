package dev.walmonitor.admin.doors;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.SourceState;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ClosedProfile.class)
class ClosedDoorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Inject FakePipelines pipelines;
    @Inject Schema schema;
    @Inject Pool pool;

    @TestHTTPResource(management = true)
    URI management;

    @BeforeEach
    void aSourceThatStreams() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.run(new RuleStanding(SHOP, "roles", "cache", null, false, 0, 0, 0));
        pipelines.set(Statuses.streaming(SHOP));
        await().atMost(PATIENCE)
                .until(() ->
                        operator().get("/api/v1/wal-monitor/sources/shop").statusCode() == 200);
    }

    @Test
    void f70_everyEndpointIsClosedToWhoHasNoRightToIt() {
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : Endpoint.all(viewer())) {
            boolean looks = endpoint.method().equals("get");
            check(wrong, endpoint, "nobody", given(), List.of(401));
            check(wrong, endpoint, "garbage", basic("viewer", "garbage"), List.of(401));
            check(wrong, endpoint, "a bad token", bearer("x.y.z"), List.of(401));
            check(wrong, endpoint, "a token without a role", bearer("eve"), List.of(403));
            check(wrong, endpoint, "viewer", viewer(), looks ? List.of() : List.of(403));
            check(wrong, endpoint, "operator", operator(), List.of());
        }
        assertThat(wrong).isEmpty();
    }

    /**
     * @param expected empty for anything but a closed door
     */
    private static void check(
            List<String> wrong,
            Endpoint endpoint,
            String who,
            RequestSpecification as,
            List<Integer> expected) {
        int status = endpoint.send(as).statusCode();
        boolean right =
                expected.isEmpty()
                        ? status != 401 && status != 403 && status < 500
                        : expected.contains(status);
        if (!right) {
            wrong.add(endpoint + " as " + who + ": " + status);
        }
    }

    @Test
    void f70_whatIsNoEndpointIsClosedToo() {
        for (String path :
                List.of(
                        "/",
                        "/q/openapi",
                        "/api/v1/nothing",
                        "/schema/rules.json",
                        "/q/swagger-ui/")) {
            given().get(path).then().statusCode(401).contentType("application/problem+json");
            given().get(path + "?x=%00&y=/../../").then().statusCode(401);
        }
        given().urlEncodingEnabled(false)
                .get("/q/../api//v1/%2e%2e/rules;role=operator")
                .then()
                .statusCode(401);
    }

    @Test
    void healthAndMetricsAreOpenOnTheManagementPort() {
        given().get(management.resolve("/q/health/live")).then().statusCode(200);
        given().get(management.resolve("/q/metrics")).then().statusCode(200);
        given().get("/q/metrics").then().statusCode(401);
    }

    @Test
    void usersOfTheFileHaveTheirRoles() {
        basic("anna", ClosedProfile.FROM_FILE).get("/api/v1/rules").then().statusCode(200);
        basic("anna", ClosedProfile.FROM_FILE)
                .post("/api/v1/rules/roles/resume")
                .then()
                .statusCode(202);
        basic("ben", ClosedProfile.FROM_FILE).get("/api/v1/rules").then().statusCode(200);
        basic("ben", ClosedProfile.FROM_FILE)
                .post("/api/v1/rules/roles/resume")
                .then()
                .statusCode(403)
                .body("detail", equalTo("This needs the role operator; ben has the role viewer."));
        basic("operator", ClosedProfile.FROM_FILE).get("/api/v1/rules").then().statusCode(401);
    }

    @Test
    void bearersOfTokensHaveTheRolesOfTheToken() {
        Instant soon = Instant.now().plusSeconds(60);
        bearer(token("tom", soon, "viewer")).get("/api/v1/rules").then().statusCode(200);
        bearer(token("tom", soon, "viewer"))
                .post("/api/v1/rules/roles/resume")
                .then()
                .statusCode(403);
        for (String role : List.of("operator", "admins")) {
            bearer(token("olga", soon, role, "other"))
                    .post("/api/v1/rules/roles/resume")
                    .then()
                    .statusCode(202);
        }
        bearer(token("tom", Instant.now().minusSeconds(60), "operator"))
                .get("/api/v1/rules")
                .then()
                .statusCode(401);
        String right = token("tom", soon, "operator");
        bearer(right.substring(0, right.length() - 8) + "AAAAAAAA")
                .get("/api/v1/rules")
                .then()
                .statusCode(401)
                .body("type", equalTo("urn:wal-monitor:problem:unauthorized"));
    }

    @Test
    void f70_aBodyOfAnyFormIsRefusedWhenItIsTooLarge() throws IOException {
        String large = "{\"key\": \"" + "x".repeat(1 << 20) + "\"}";
        operator()
                .contentType(ContentType.JSON)
                .body(large)
                .post("/api/v1/caches/roles/evict")
                .then()
                .statusCode(413)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:too-large"));
        assertThat(chunked(large)).isEqualTo(413);
        assertThat(chunked("{\"key\": \"x\"}")).isEqualTo(404);
    }

    /** Without saying how long it is. */
    private static int chunked(String body) throws IOException {
        try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build()) {
            String login =
                    Base64.getEncoder()
                            .encodeToString(
                                    ("operator:" + ClosedProfile.OPERATOR)
                                            .getBytes(StandardCharsets.UTF_8));
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://localhost:"
                                                            + RestAssured.port
                                                            + "/api/v1/caches/nothing/evict"))
                                    .header("Authorization", "Basic " + login)
                                    .header("Content-Type", "application/json")
                                    .POST(
                                            BodyPublishers.ofInputStream(() ->
                                                    new ByteArrayInputStream(
                                                            body.getBytes(StandardCharsets.UTF_8))))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyChangeIsARowOfTheAudit() {
        basic("anna", ClosedProfile.FROM_FILE)
                .queryParam("reason", "moving house")
                .post("/api/v1/rules/roles/pause")
                .then()
                .statusCode(202);
        operator().post("/api/v1/rules/nothing/pause").then().statusCode(404);
        viewer().post("/api/v1/rules/roles/pause").then().statusCode(403);
        operator()
                .contentType(ContentType.JSON)
                .body("{\"key\": \"personal\"}")
                .post("/api/v1/caches/roles/lease")
                .then()
                .statusCode(404);

        List<Map<String, Object>> rows =
                viewer().get("/api/v1/audit?limit=2").then().statusCode(200).extract().path("$");

        assertThat(rows.get(0))
                .containsEntry("who", "operator")
                .containsEntry("path", "/api/v1/rules/nothing/pause")
                .containsEntry("status", 404)
                .containsEntry("outcome", "REFUSED");
        assertThat(rows.get(1))
                .containsEntry("who", "anna")
                .containsEntry("role", "operator")
                .containsEntry("remote_address", "127.0.0.1")
                .containsEntry("method", "POST")
                .containsEntry("path", "/api/v1/rules/roles/pause")
                .containsEntry("query", "reason=moving%20house")
                .containsEntry("named", Map.of("rule", "roles"))
                .containsEntry("status", 202)
                .containsEntry("outcome", "DONE")
                .containsKeys("id", "at");
        viewer().get("/api/v1/audit?limit=1&before=" + rows.get(0).get("id"))
                .then()
                .body("id", equalTo(List.of(rows.get(1).get("id"))));
        viewer().get("/api/v1/audit?limit=1&who=anna").then().body("who", hasItem("anna"));
        viewer().get("/api/v1/audit?before=x")
                .then()
                .statusCode(400)
                .body("detail", equalTo("Expected an id, got \"x\"."));
    }

    @Test
    void whatCannotBeRecordedIsDoneAllTheSame() {
        execute("ALTER TABLE wal_monitor.admin_audit RENAME TO hidden");
        try {
            int told = pipelines.told().size();
            operator().post("/api/v1/rules/roles/pause").then().statusCode(202);
            assertThat(pipelines.told()).hasSize(told + 1);
        } finally {
            execute("ALTER TABLE wal_monitor.hidden RENAME TO admin_audit");
        }
    }

    @Test
    void theActiveInstanceWritesItsAddress() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(address()).isEqualTo(ClosedProfile.HERE));
    }

    @Test
    void whatTheActiveInstanceAloneCanAnswerIsSentOnToIt() {
        pipelines.answer(new Barrier.Elsewhere(SourceState.STANDBY));
        pipelines.set(Statuses.streaming(SHOP).in(SourceState.STANDBY));
        operator().get("/api/v1/barrier?source=shop").then().statusCode(503);
        operator().post("/api/v1/rules/roles/pause").then().statusCode(503);
        execute("UPDATE wal_monitor.sources SET address = 'http://there:80' WHERE name = 'shop'");

        elsewhere(
                        viewer().urlEncodingEnabled(false)
                                .redirects()
                                .follow(false)
                                .get("/api/v1/barrier?source=shop&lsn=0/1"))
                .header("Location", equalTo("http://there:80/api/v1/barrier?source=shop&lsn=0/1"));
        elsewhere(
                        operator()
                                .urlEncodingEnabled(false)
                                .redirects()
                                .follow(false)
                                .post("/api/v1/rules/roles/pause?reason=a%20b"))
                .header(
                        "Location",
                        equalTo("http://there:80/api/v1/rules/roles/pause?reason=a%20b"));
        elsewhere(operator().redirects().follow(false).post("/api/v1/rules/roles/resume"));
        elsewhere(viewer().redirects().follow(false).get("/api/v1/rules/roles"));
        elsewhere(viewer().redirects().follow(false).get("/api/v1/rules"));
        elsewhere(viewer().redirects().follow(false).get("/api/v1/caches"));
        elsewhere(
                operator()
                        .redirects()
                        .follow(false)
                        .contentType(ContentType.JSON)
                        .body("{\"key\": \"x\"}")
                        .post("/api/v1/caches/roles/refresh"));
        elsewhere(
                operator()
                        .redirects()
                        .follow(false)
                        .contentType(ContentType.JSON)
                        .body("{\"all\": true}")
                        .post("/api/v1/dead-letters/retry"));
        given().redirects().follow(false).get("/api/v1/rules").then().statusCode(401);
        viewer().get("/api/v1/sources").then().statusCode(200);
    }

    @CanIgnoreReturnValue
    private static ValidatableResponse elsewhere(Response response) {
        return response.then()
                .statusCode(307)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:wal-monitor:problem:elsewhere"))
                .body(
                        "detail",
                        equalTo(
                                "The source \"shop\" is read by the instance at http://there:80; ask that one."));
    }

    private String address() {
        return pool.query("SELECT address FROM wal_monitor.sources WHERE name = 'shop'")
                .executeAndAwait()
                .iterator()
                .next()
                .getString(0);
    }

    private void execute(String sql) {
        var _ = pool.query(sql).executeAndAwait();
    }

    static RequestSpecification operator() {
        return basic("operator", ClosedProfile.OPERATOR);
    }

    static RequestSpecification viewer() {
        return basic("viewer", ClosedProfile.VIEWER);
    }

    private static RequestSpecification basic(String name, String password) {
        return given().auth().preemptive().basic(name, password);
    }

    /** The name of a bearer without roles, or a token. */
    private static RequestSpecification bearer(String tokenOrName) {
        return given().header(
                        "Authorization",
                        "Bearer "
                                + (tokenOrName.contains(".")
                                        ? tokenOrName
                                        : token(tokenOrName, Instant.now().plusSeconds(60), "x")));
    }

    private static String token(String name, Instant expires, String... roles) {
        return Issuer.token(
                setting -> ConfigProvider.getConfig().getValue(setting, String.class),
                name,
                expires,
                List.of(roles));
    }
}
