package dev.walmonitor.process;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doors of the packaged service, which is in production mode, and what its log says. */
class DoorsIT {
    /** A word that is nowhere else: the canary of this test. */
    private static final String PERSONAL = "quokka.person@example.com";

    private static final String RULES =
            """
            wal-monitor:
              sources:
                main:
                  columns: { public.people: { drop: [token], mask: [email] } }
              rules:
                names:
                  tables: public.people
                  cache: { key: "people:{id}", value: row }
                doubles:
                  tables: public.people
                  when: after.name == 'fail'
                  retry: { max-attempts: 1, backoff: 1ms }
                  sql: { datasource: main, statement: "insert into seen (id) values ({id})" }
            """;

    @TempDir Path home = Path.of("");

    private final RedisServer redis = SharedServers.redis();

    private ServiceProcess start(String url, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("DATABASE_URL", url);
        environment.put("REDIS_URL", redis.address());
        environment.put("REPLICATION_SLOT", "doors_" + url.replaceAll("\\W|.*/", ""));
        return ServiceProcess.start(home, environment, RULES);
    }

    private static String database() {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(
                url,
                "create table people (id int primary key, name text, email text, token text)",
                "create table seen (id int check (id < 0))");
        return url;
    }

    @Test
    void withoutCredentialsThePackagedServiceIsClosedAndSaysHowToOpenIt() {
        try (ServiceProcess service =
                start(database(), Map.of("WAL_MONITOR_OPERATOR_PASSWORD", ""))) {
            service.awaitReady();
            for (String path : List.of("/rules", "/sources", "/barrier", "/nothing")) {
                for (Response response :
                        List.of(given().get(service.uri(path)), service.get(path))) {
                    response.then()
                            .statusCode(403)
                            .contentType("application/problem+json")
                            .body(
                                    "type",
                                    equalTo("urn:wal-monitor:problem:no-credentials-configured"))
                            .body("detail", containsString("set WAL_MONITOR_OPERATOR_PASSWORD"));
                }
            }
            assertThat(service.log())
                    .containsOnlyOnce("Every endpoint is closed, as no credentials are configured");
            assertThat(service.metrics()).contains("wal_monitor_source_state");
        }
    }

    @Test
    void withCredentialsWhoHasThemComesInAndNothingTellsThem() throws IOException {
        String url = database();
        try (ServiceProcess service =
                start(
                        url,
                        Map.of(
                                "WAL_MONITOR_VIEWER_PASSWORD", "quokka-of-the-viewer",
                                "QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true",
                                "QUARKUS_LOG_LEVEL", "INFO"))) {
            service.awaitReady();
            given().get(service.uri("/rules")).then().statusCode(401);
            given().auth()
                    .preemptive()
                    .basic("viewer", "quokka-of-the-viewer")
                    .get(service.uri("/rules"))
                    .then()
                    .statusCode(200);
            given().auth()
                    .preemptive()
                    .basic("viewer", "quokka-of-nobody")
                    .get(service.uri("/rules"))
                    .then()
                    .statusCode(401);
            SharedServers.execute(
                    url,
                    "insert into people values (1, 'Ann', '" + PERSONAL + "', 'quokka-token')",
                    "insert into people values (2, 'fail', '" + PERSONAL + "', 'quokka-token')");
            await("a dead letter")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.get("/dead-letters").asString().contains("doubles"));
            await("the cache")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> redis.get("people:1") != null);
            ServiceProcess.as(ServiceProcess.LOGIN)
                    .contentType(ContentType.JSON)
                    .body("{\"rule\": \"doubles\", \"ids\": [\"quokka\"]}")
                    .post(service.uri("/dead-letters/retry"))
                    .then()
                    .statusCode(400);
            ServiceProcess.as(ServiceProcess.LOGIN)
                    .post(service.uri("/rules/names/pause"))
                    .then()
                    .statusCode(202);

            List<String> told = new ArrayList<>();
            for (String path :
                    List.of(
                            "/dead-letters",
                            "/rules",
                            "/caches",
                            "/audit",
                            "/sources",
                            "/nothing")) {
                told.add(service.get(path).asString());
            }
            told.add(service.ready().asString());
            told.add(service.metrics());
            told.add(String.valueOf(redis.get("people:1")));
            assertThat(told).noneMatch(text -> text.contains("quokka"));
            assertThat(String.join("\n", told)).contains("/api/v1/rules/names/pause");
            everyMeterIsInTheTable(service.metrics());

            var _ = service.terminate();
            assertThat(service.log()).doesNotContain("quokka").doesNotContain("of-the-operator");
            everyLineIsJsonWithTheKeysOfTheTable(service.log());
        }
    }

    private static void everyMeterIsInTheTable(String metrics) throws IOException {
        String table = Files.readString(Path.of("docs", "metrics.md"));
        List<String> families =
                Pattern.compile("# TYPE ((?:wal_monitor|monitor)_\\S+)")
                        .matcher(metrics)
                        .results()
                        .map(found -> found.group(1))
                        .filter(family -> !family.endsWith("_max"))
                        .toList();
        assertThat(families)
                .isNotEmpty()
                .allMatch(family ->
                        table.contains("| `" + family + "` |")
                                || table.contains("| `" + family + "_total` |"));
    }

    private static void everyLineIsJsonWithTheKeysOfTheTable(String log) throws IOException {
        String table = Files.readString(Path.of("docs", "logs.md"));
        List<String> keys =
                Pattern.compile("(?m)^\\| `([a-zA-Z.]+)`")
                        .matcher(table)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .toList();
        ObjectMapper mapper = new ObjectMapper();
        boolean ofTheSource = false;
        for (String line :
                log.lines().filter(each -> !each.startsWith("(the log ended")).toList()) {
            JsonNode node = mapper.readTree(line);
            node.fieldNames().forEachRemaining(key -> assertThat(keys).as(line).contains(key));
            node.path("about")
                    .fieldNames()
                    .forEachRemaining(key -> assertThat(keys).as(line).contains("about." + key));
            ofTheSource |= node.path("about").path("source").asText().equals("main");
        }
        assertThat(ofTheSource).as(log).isTrue();
    }
}
