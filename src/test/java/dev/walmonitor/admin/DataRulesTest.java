package dev.walmonitor.admin;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.walmonitor.embedded.PostgresServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The rules of docs/sql.md and docs/archive.md, in the whole service. */
@QuarkusTest
@TestProfile(DataRulesTest.Profile.class)
@SuppressWarnings("NullAway.Init") // Quarkus does
class DataRulesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(TwoDatabases.class));
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.ofEntries(
                    Map.entry("wal-monitor.rules.prices.tables", "public.listings"),
                    Map.entry("wal-monitor.rules.prices.events", "update"),
                    Map.entry("wal-monitor.rules.prices.changed", "price"),
                    Map.entry("wal-monitor.rules.prices.sql.datasource", "reports"),
                    Map.entry(
                            "wal-monitor.rules.prices.sql.statement",
                            "insert into price_log (listing, old, new) values ({id}, {before.price},"
                                    + " {price})"),
                    Map.entry("wal-monitor.rules.drops.tables", "public.listings"),
                    Map.entry(
                            "wal-monitor.rules.drops.when",
                            "changed(\"price\") && after.price < before.price"),
                    Map.entry("wal-monitor.rules.drops.events", "update"),
                    Map.entry("wal-monitor.rules.drops.sql.datasource", "reports"),
                    Map.entry("wal-monitor.rules.drops.sql.statement", "select {id}::int"),
                    Map.entry("wal-monitor.rules.counted.tables", "public.listings"),
                    Map.entry("wal-monitor.rules.counted.sql.datasource", "main"),
                    Map.entry(
                            "wal-monitor.rules.counted.sql.statement",
                            "update counter set n = n + 1"),
                    Map.entry("wal-monitor.rules.history.tables", "public.*"),
                    Map.entry("wal-monitor.rules.history.archive.retention", "30d"),
                    Map.entry("wal-monitor.sql.prune-interval", "100ms"));
        }
    }

    /** That of the source, and another one. */
    public static final class TwoDatabases implements QuarkusTestResourceLifecycleManager {
        private PostgresServer server;

        @Override
        public Map<String, String> start() {
            server = PostgresServer.started();
            String reports = server.createDatabase("reports");
            server.execute(
                    "create table listings (id int primary key, name text, price numeric(10, 2));"
                            + " alter table listings replica identity full;"
                            + " create table counter (id int primary key, n int); insert into counter values (1, 0);"
                            + " alter table listings owner to app; alter table counter owner to app");
            try (Connection connection = server.open("reports");
                    Statement statement = connection.createStatement()) {
                var _ =
                        statement.execute(
                                "create table price_log (listing int, old numeric, new numeric);"
                                        + " alter table price_log owner to app");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            String place = "postgresql://127.0.0.1:" + server.portNumber() + "/app";
            return Map.of(
                    "wal-monitor.sources.main.url",
                    server.url(),
                    "wal-monitor.datasources.reports.url",
                    reports,
                    "quarkus.datasource.reactive.url",
                    place,
                    "quarkus.datasource.jdbc.url",
                    "jdbc:" + place,
                    "quarkus.datasource.username",
                    "app",
                    "quarkus.datasource.password",
                    "app");
        }

        @Override
        public void stop() {
            server.stopFast();
        }
    }

    @Test
    void changesAreWrittenElsewhereAndKept() {
        String main = "wal-monitor.sources.main.url";
        String reports = "wal-monitor.datasources.reports.url";
        await("the stream")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().when()
                                .get("/api/v1/replication/main/status")
                                .then()
                                .body("state", equalTo("STREAMING")));
        run(main, "insert into listings values (1, 'Lamp', 10), (2, 'Sofa', 99)");
        run(main, "update listings set price = 9.50 where id = 1");
        run(
                main,
                "update listings set name = 'Lamp!' where id = 1; delete from listings where id = 2");

        await("what was written")
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(ask(reports, "select string_agg(p::text, ' ') from price_log p"))
                            .isEqualTo("(1,10.00,9.50)");
                    assertThat(ask(main, "select n from counter")).isEqualTo("5");
                });
        await("what was kept")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().when()
                                .get("/api/v1/changes/history?table=listings&key=1")
                                .then()
                                .statusCode(200)
                                .body("changes.operation", contains("INSERT", "UPDATE", "UPDATE"))
                                .body("changes[1].old.price", equalTo(10.00f))
                                .body("changes[1].changed_columns", contains("price")));
        explained();
        await("other tables")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().when()
                                .get("/api/v1/changes/history?table=counter")
                                .then()
                                .body("changes", hasSize(5)));
        given().when()
                .get("/api/v1/changes/history?table=public.nothing")
                .then()
                .statusCode(200)
                .body("changes", hasSize(0));
        await("a ledger that is rid of what cannot come again")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        ask(
                                                reports,
                                                "select count(*) from wal_monitor.wal_monitor_applied"))
                                .isEqualTo("0"));
        assertThat(
                        ask(
                                main,
                                "select string_agg(distinct table_name, ' ') from wal_monitor.change_archive"))
                .as("nothing of ours")
                .isEqualTo("public.counter public.listings");
        replayed();
    }

    private static void replayed() {
        String reports = "wal-monitor.datasources.reports.url";
        String main = "wal-monitor.sources.main.url";
        replay("{\"from\": \"0/0\", \"table\": \"listings\", \"dry_run\": true}")
                .statusCode(200)
                .body("dry_run", equalTo(true))
                .body("changes", equalTo(5))
                .body("rules.rule", containsInAnyOrder("prices", "drops", "counted"))
                .body("rules.find { it.rule == 'prices' }.replayed", equalTo(1))
                .body("rules.find { it.rule == 'drops' }.refused", equalTo(4))
                .body("effects.rule.findAll { it == 'counted' }", hasSize(5))
                .body(
                        "effects.find { it.rule == 'prices' }.effects[0]",
                        startsWith("would run in reports"))
                .body("next", nullValue());
        replay("{\"from\": \"0/0\", \"table\": \"listings\", \"rule\": \"prices\"}")
                .statusCode(200)
                .body("rules", hasSize(1))
                .body("rules[0].replayed", equalTo(1))
                .body("effects", nullValue());
        await("what was written once more")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(ask(reports, "select string_agg(p::text, ' ') from price_log p"))
                                .isEqualTo("(1,10.00,9.50) (1,10.00,9.50)"));
        assertThat(ask(main, "select n from counter")).as("nobody else").isEqualTo("5");

        String after =
                replay(
                                "{\"from\": \"2026-01-01T00:00:00Z\", \"table\": \"listings\", \"rule\": \"counted\", \"limit\": 3}")
                        .body("changes", equalTo(3))
                        .extract()
                        .path("next");
        replay(
                        "{\"after\": \""
                                + after
                                + "\", \"table\": \"listings\", \"rule\": \"counted\", \"limit\": 3}")
                .body("changes", equalTo(2))
                .body("next", nullValue());
        await("what was counted once more")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(ask(main, "select n from counter")).isEqualTo("10"));
        await("what was done")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().when()
                                .get("/api/v1/explain?table=listings&key=1")
                                .then()
                                .body(
                                        "changes[1].rules.find { it.rule == 'counted' }.effects.replayed",
                                        contains(false, true)));
        refusesToReplay();
    }

    private static void refusesToReplay() {
        replay("{}").statusCode(400).body("title", equalTo("Bad parameter from"));
        replay("{\"from\": \"0/0\", \"tabel\": \"x\"}")
                .statusCode(400)
                .body(
                        "detail",
                        equalTo(
                                "Expected the members from, to, table, key, rule, after, limit and dry_run."));
        replay("{\"from\": \"0/0\", \"rule\": \"nobody\"}")
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:unknown-rule"));
        replay("{\"from\": \"0/0\", \"rule\": \"history\"}")
                .statusCode(400)
                .body(
                        "detail",
                        equalTo(
                                "Expected a rule with another action than archive: what history has archived is"
                                        + " what is replayed."));
        given().contentType("application/json")
                .body("{\"from\": \"0/0\"}")
                .when()
                .post("/api/v1/replication/nobody/replay")
                .then()
                .statusCode(404)
                .body("type", equalTo("urn:wal-monitor:problem:unknown-source"));
    }

    private static ValidatableResponse replay(String body) {
        return given().contentType("application/json")
                .body(body)
                .when()
                .post("/api/v1/replication/main/replay")
                .then();
    }

    private static void explained() {
        String drop = "changes[1].rules.find { it.rule == 'drops' }";
        String rename = "changes[2].rules.find { it.rule == 'drops' }";
        await("the watermark")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().when()
                                .get("/api/v1/explain?table=listings&key=1")
                                .then()
                                .statusCode(200)
                                .body("table", equalTo("public.listings"))
                                .body("key", equalTo("1"))
                                .body("changes.operation", contains("INSERT", "UPDATE", "UPDATE"))
                                .body("changes.settled", contains(true, true, true))
                                .body(
                                        "changes[0].rules.find { it.rule == 'drops' }.reasons",
                                        contains("it does not listen to INSERT."))
                                .body(drop + ".verdict", equalTo("MATCHES"))
                                .body(drop + ".reasons", hasSize(0))
                                .body(drop + ".action", equalTo("sql"))
                                .body(drop + ".effects.action", contains("applied"))
                                .body(
                                        drop + ".effects[0].fields",
                                        equalTo(Map.of("datasource", "reports", "rows", "0")))
                                .body(drop + ".effects[0].replayed", equalTo(false))
                                .body(drop + ".effects[0].since_commit_ms", greaterThan(0f))
                                .body(rename + ".effects", hasSize(0))
                                .body(rename + ".verdict", equalTo("REFUSED"))
                                .body(
                                        rename + ".reasons",
                                        contains(
                                                "its condition is not true: changed(\"price\") &&"
                                                        + " after.price < before.price"))
                                .body(
                                        rename + ".untrue",
                                        contains(
                                                "changed(\"price\")", "after.price < before.price"))
                                .body(
                                        "changes[2].rules.find { it.rule == 'history' }.verdict",
                                        equalTo("MATCHES")));
        given().when()
                .get("/api/v1/explain?table=listings")
                .then()
                .statusCode(400)
                .body(
                        "detail",
                        equalTo(
                                "Expected the parameters table and key, such as"
                                        + " table=public.listings&key=42."));
    }

    private static Connection open(String setting) throws SQLException {
        String url = ConfigProvider.getConfig().getValue(setting, String.class);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1), "app", "app");
    }

    private static void run(String setting, String sql) {
        try (Connection connection = open(setting);
                Statement statement = connection.createStatement()) {
            var _ = statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String ask(String setting, String sql) {
        try (Connection connection = open(setting);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "nothing";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
