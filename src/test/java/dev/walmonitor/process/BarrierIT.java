package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that writes, asks for the barrier, and reads its own write out of the cache. */
class BarrierIT {
    private static final Logger LOG = Logger.getLogger(BarrierIT.class);

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void tables() {
        postgres.execute(
                "CREATE TABLE role (id int PRIMARY KEY, name text NOT NULL);"
                        + " INSERT INTO role VALUES (1, 'Admin'); ALTER TABLE role OWNER TO app;"
                        + " CREATE TABLE gate (id int); ALTER TABLE gate OWNER TO app;"
                        + " CREATE TABLE unpublished (id int)");
    }

    @AfterEach
    void end() {
        http.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  rules:
                    roles:
                      tables: public.role
                      cache: { key: "roles", query: "select id, name from role order by id" }
                    gated:
                      tables: public.role
                      cache: { key: "gated", query: "select name from role where not exists (select from gate)" }
                """);
    }

    private static String update(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE role SET name = '" + name + "'");
            return end(statement);
        }
    }

    private static String end(Statement statement) throws SQLException {
        return first(statement, "SELECT pg_current_wal_flush_lsn()");
    }

    private static String first(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private String cached(String key) {
        return String.valueOf(redis.get(key));
    }

    @Test
    void whatWasWrittenIsReadBehindTheBarrier() throws SQLException, InterruptedException {
        try (ServiceProcess service = service();
                Connection app = postgres.open("app")) {
            service.awaitReady();
            assertThat(service.get("/barrier?timeout=30s").statusCode()).isEqualTo(204);

            List<Duration> written = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String name = "role " + i;
                String lsn = update(app, name);
                written.add(passed(service, "/barrier?rule=roles&timeout=10s&lsn=" + lsn));
                assertThat(cached("roles")).isEqualTo("[{\"id\": 1, \"name\": \"" + name + "\"}]");
            }
            List<Duration> idle = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Thread.sleep(250);
                idle.add(passed(service, "/barrier?timeout=10s"));
            }
            List<Duration> elsewhere = new ArrayList<>();
            try (Statement statement = app.createStatement()) {
                for (int i = 0; i < 40; i++) {
                    Thread.sleep(50);
                    statement.execute("INSERT INTO unpublished VALUES (" + i + ")");
                    String lsn = end(statement);
                    elsewhere.add(passed(service, "/barrier?timeout=10s&lsn=" + lsn));
                }
            }
            List<Duration> unflushed = new ArrayList<>();
            try (Statement statement = app.createStatement()) {
                for (int i = 0; i < 40; i++) {
                    statement.execute("SELECT pg_logical_emit_message(false, 'other', 'x')");
                    String lsn = first(statement, "SELECT pg_current_wal_insert_lsn()");
                    unflushed.add(passed(service, "/barrier?timeout=10s&lsn=" + lsn));
                }
            }
            LOG.infof(
                    "Barrier: after an update %s; idle, without a place %s; after a write that no rule wants %s;"
                            + " at a place that nobody flushes %s",
                    figures(written), figures(idle), figures(elsewhere), figures(unflushed));
        }
    }

    /** By a client that keeps its connection, as an application does. */
    private Duration passed(ServiceProcess service, String barrier) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(service.uri(barrier))
                        .header("Authorization", ServiceProcess.LOGIN)
                        .build();
        try {
            long begun = System.nanoTime();
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
            return took;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String figures(List<Duration> times) {
        times.sort(Comparator.naturalOrder());
        return "p50 %.1f ms, p95 %.1f ms, most %.1f ms"
                .formatted(
                        millis(times.get(times.size() / 2)),
                        millis(times.get(times.size() * 95 / 100)),
                        millis(times.getLast()));
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    @Test
    void aRuleThatIsBlockedHoldsUpItsOwnBarrierAndNoOther() throws SQLException {
        try (ServiceProcess service = service();
                Connection app = postgres.open("app");
                Connection locking = postgres.open("app");
                Statement lock = locking.createStatement()) {
            service.awaitReady();
            assertThat(service.get("/barrier?timeout=30s").statusCode()).isEqualTo(204);
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE gate IN ACCESS EXCLUSIVE MODE");

            String lsn = update(app, "Super Admin");
            assertThat(service.get("/barrier?rule=roles&timeout=10s&lsn=" + lsn).statusCode())
                    .isEqualTo(204);
            assertThat(cached("roles")).contains("Super Admin");
            Response blocked = service.get("/barrier?rule=gated&timeout=200ms&lsn=" + lsn);
            assertThat(blocked.statusCode()).isEqualTo(504);
            assertThat(blocked.contentType()).startsWith("application/problem+json");
            assertThat(blocked.jsonPath().getString("title"))
                    .isEqualTo("Not applied within 200 ms");
            assertThat(blocked.jsonPath().getList("rules.rule")).isEqualTo(List.of("gated"));
            assertThat(blocked.jsonPath().getString("place")).isEqualTo(lsn);
            assertThat(service.get("/barrier?timeout=200ms&lsn=" + lsn).statusCode())
                    .isEqualTo(504);

            locking.rollback();
            assertThat(service.get("/barrier?rule=gated&timeout=20s&lsn=" + lsn).statusCode())
                    .isEqualTo(204);
            assertThat(cached("gated")).contains("Super Admin");
            assertThat(service.get("/barrier?lsn=FFFFFFFF/0&timeout=100ms").statusCode())
                    .isEqualTo(504);
            assertThat(service.get("/barrier?rule=none").statusCode()).isEqualTo(404);
        }
    }
}
