package dev.walmonitor.admin.doors;

import static dev.walmonitor.admin.doors.ClosedDoorsTest.operator;
import static dev.walmonitor.admin.doors.ClosedDoorsTest.viewer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.pipeline.RuleStanding;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The description of the API is complete, and what it describes answers whatever it is sent. */
@QuarkusTest
@TestProfile(ClosedProfile.class)
@SuppressWarnings("unchecked") // JSON
class DescribedApiTest {
    private static final long SEED = Long.getLong("api.seed", 20261121);
    private static final int TIMES = Integer.getInteger("api.times", 12);
    private static final String PROBLEM = "application/problem+json";

    private static final List<String> ODD_VALUES =
            List.of(
                    "",
                    " ",
                    "\0",
                    "a\0b",
                    "-1",
                    "0",
                    "1.5",
                    "9223372036854775808",
                    "99999999999999999999999",
                    "NaN",
                    "main",
                    "shop",
                    "roles",
                    "public.listings",
                    "a.b.c.d",
                    ".",
                    "..",
                    "../../etc/passwd",
                    "'; DROP TABLE x; --",
                    "\"",
                    "%",
                    "{id}",
                    "\r\nX-Forged: 1",
                    "\ud83d\ude00",
                    "2026-02-30T25:00:00Z",
                    "+999999999-12-31T23:59:59Z",
                    "-999999999-01-01T00:00:00Z",
                    "2026-11-21T18:00:00Z",
                    "FFFFFFFF/FFFFFFFF",
                    "0/0",
                    "16/B374D848",
                    "9223372036854775807:FFFFFFFF/FFFFFFFF:2147483647",
                    "0:0/0:0",
                    "PT-1S",
                    "1ms",
                    "true",
                    "x".repeat(3000));

    private static final List<String> ODD_BODIES =
            List.of(
                    "",
                    " ",
                    "{",
                    "}",
                    "[]",
                    "[{}]",
                    "null",
                    "\"x\"",
                    "1",
                    "1e999999999",
                    "{}",
                    "{\"key\": null, \"tag\": null}",
                    "{\"key\": {}}",
                    "{\"key\": []}",
                    "{\"key\": \"\\u0000\"}",
                    "{\"tag\": \"\\ud800\"}",
                    "{\"key\": \"" + "x".repeat(5000) + "\"}",
                    "{\"key\": \"a\", \"key\": \"b\", \"tag\": \"c\"}",
                    "{\"ids\": [9223372036854775808]}",
                    "{\"ids\": [\"x\", null]}",
                    "{\"ids\": [null]}",
                    "{\"ids\": 1}",
                    "{\"ids\": [1e400]}",
                    "{\"rule\": \"\\u0000\"}",
                    "{\"table\": \"a\\u0000b\"}",
                    "{\"all\": \"maybe\"}",
                    "{\"all\": true, \"ids\": [1]}",
                    "{\"key\":\"a\",\"lease\":\"b\",\"value\":\"c\",\"ttl\":\"PT-1S\"}",
                    "{\"key\":\"a\",\"lease\":\"b\",\"value\":\"c\",\"ttl\":\"999999999999999d\"}",
                    "{\"name\": \"\\u0000\", \"kind\": 7}",
                    "{\"status\": \"ERROR\", \"replication_lag_bytes\": -1}",
                    "{\"wal_position\": 99999999999999999999999}",
                    "{\"unknown\": \"field\"}",
                    "[".repeat(5000),
                    "{\"a\":".repeat(2000));

    @Inject FakePipelines pipelines;
    @Inject Schema schema;

    @BeforeEach
    void aRuleThatRuns() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.run(new RuleStanding(FakePipelines.SHOP, "roles", "cache", null, false, 0, 0, 0));
    }

    @Test
    void everyEndpointHasASummaryAnExampleAndItsProblems() {
        List<String> missing = new ArrayList<>();
        for (Endpoint endpoint : endpoints()) {
            if (String.valueOf(endpoint.operation().getOrDefault("summary", "")).isBlank()) {
                missing.add(endpoint + ": a summary");
            }
            if (endpoint.hasBody() && example(endpoint.operation(), "requestBody") == null) {
                missing.add(endpoint + ": an example of the body");
            }
            for (String status : List.of("401", "403", "429")) {
                if (endpoint.response(status) == null) {
                    missing.add(endpoint + ": the answer " + status);
                }
            }
            endpoint.statuses().forEach(status -> answer(missing, endpoint, status));
        }
        assertThat(missing)
                .as("in annotations, or in src/main/resources/openapi/examples.json")
                .isEmpty();
    }

    private static void answer(List<String> missing, Endpoint endpoint, String status) {
        Map<String, Object> response = endpoint.response(status);
        if (response == null || String.valueOf(response.get("description")).isBlank()) {
            missing.add(endpoint + ": a description of " + status);
        } else if (status.startsWith("2")) {
            Map<String, Map<String, Object>> content = content(response);
            if (!content.isEmpty()
                    && content.values().stream().noneMatch(DescribedApiTest::isShown)) {
                missing.add(endpoint + ": an example of the answer");
            }
        } else if (!isShown(content(response).getOrDefault(PROBLEM, Map.of()))) {
            missing.add(endpoint + ": an example of the problem " + status);
        }
    }

    @Test
    void examplesHaveTheFieldsThatAnswersHave() {
        Map<String, Map<String, Object>> schemas =
                viewer().get("/q/openapi?format=json").then().extract().path("components.schemas");
        for (Endpoint endpoint : endpoints()) {
            Map<String, Object> response = endpoint.response("200");
            Map<String, Object> media =
                    response == null ? null : content(response).get("application/json");
            if (media != null && media.get("example") != null) {
                check(endpoint.toString(), media.get("schema"), media.get("example"), schemas);
            }
        }
    }

    private static void check(
            String where,
            @Nullable Object schema,
            @Nullable Object example,
            Map<String, Map<String, Object>> schemas) {
        if (!(schema instanceof Map<?, ?> known) || example == null) {
            return;
        }
        if (known.get("$ref") instanceof String ref) {
            check(where, schemas.get(ref.substring(ref.lastIndexOf('/') + 1)), example, schemas);
        } else if (example instanceof List<?> list) {
            list.forEach(each -> check(where, known.get("items"), each, schemas));
        } else if (example instanceof Map<?, ?> map
                && known.get("properties") instanceof Map<?, ?> properties) {
            assertThat((Set<Object>) map.keySet())
                    .as(where)
                    .isEqualTo(new TreeSet<Object>(properties.keySet()));
            properties.forEach((name, value) -> check(where, value, map.get(name), schemas));
        }
    }

    @Test
    void noEndpointFailsWhateverItIsSent() {
        Random random = new Random(SEED);
        List<String> failures = new ArrayList<>();
        for (Endpoint endpoint : endpoints()) {
            for (int i = 0; i < TIMES; i++) {
                String target = target(endpoint, random);
                String body = endpoint.hasBody() ? oneOf(ODD_BODIES, random) : null;
                Response response = endpoint.send(operator(), target, body);
                if (response.statusCode() >= 500) {
                    failures.add(
                            endpoint.method()
                                    + " "
                                    + cut(target)
                                    + (body == null ? "" : " " + cut(body))
                                    + ": "
                                    + response.statusCode()
                                    + " "
                                    + cut(response.asString()));
                }
            }
        }
        assertThat(failures).as("-Dapi.seed=" + SEED).isEmpty();
    }

    private static String target(Endpoint endpoint, Random random) {
        String path = endpoint.path();
        List<String> query = new ArrayList<>();
        for (Endpoint.Parameter parameter : endpoint.parameters()) {
            String value = encoded(oneOf(ODD_VALUES, random));
            if (parameter.in().equals("path")) {
                path = path.replace("{" + parameter.name() + "}", value);
            } else if (parameter.in().equals("query") && random.nextInt(3) > 0) {
                query.add(parameter.name() + "=" + value);
            }
        }
        return path + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String cut(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private static String oneOf(List<String> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    private static List<Endpoint> endpoints() {
        return Endpoint.all(viewer()).stream()
                .filter(endpoint -> endpoint.path().startsWith("/api/"))
                .collect(Collectors.toList());
    }

    private static @Nullable Object example(Map<String, Object> of, String what) {
        return content((Map<String, Object>) of.get(what)).values().stream()
                .filter(DescribedApiTest::isShown)
                .findFirst()
                .orElse(null);
    }

    private static Map<String, Map<String, Object>> content(@Nullable Map<String, Object> of) {
        Object content = of == null ? null : of.get("content");
        return content == null ? Map.of() : (Map<String, Map<String, Object>>) content;
    }

    private static boolean isShown(Map<String, Object> media) {
        return media.containsKey("example") || media.containsKey("examples");
    }
}
