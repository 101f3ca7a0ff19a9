package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever Redis refuses for a while: afterwards every value is what its table says. */
class RedisFaultsIT {
    private static final int ROWS = 200;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private int version = 1;

    @BeforeEach
    void table() {
        postgres.execute(
                "create table item (id int primary key, version int not null);"
                        + " insert into item select n, 1 from generate_series(1, "
                        + ROWS
                        + ") n; alter table item owner to app");
    }

    @AfterEach
    void end() {
        redis.close();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL", postgres.url(),
                        "REDIS_URL", redis.address(),
                        "QUARKUS_REDIS_TIMEOUT", "2s"),
                """
                wal-monitor:
                  cache:
                    audit: { interval: 0s }
                  rules:
                    rows:
                      tables: public.item
                      retry: { backoff: 50ms, max-backoff: 1s }
                      cache: { key: "item:{id}", value: row }
                    sums:
                      tables: public.item
                      retry: { backoff: 50ms, max-backoff: 1s }
                      cache: { key: "items", query: "select count(*) as n, sum(version) as versions from item" }
                """);
    }

    private void change() {
        version++;
        postgres.execute("update item set version = version + 1");
    }

    private void assertRight() {
        await("the caches")
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() ->
                        IntStream.rangeClosed(1, ROWS)
                                        .allMatch(id -> version("item:" + id) == version)
                                && sum() == ROWS * version);
    }

    private int version(String key) {
        return new JsonObject(redis.get(key)).getInteger("version");
    }

    private int sum() {
        return new JsonArray(redis.get("items")).getJsonObject(0).getInteger("versions");
    }

    /** Changes everything while Redis is as it is, and then for a while longer. */
    private void changeAndWait() throws InterruptedException {
        change();
        Thread.sleep(2_500);
        change();
        Thread.sleep(500);
    }

    @Test
    void f67_whatRedisRefusesForAWhileIsRightAfterwards() throws InterruptedException {
        try (ServiceProcess service = service()) {
            service.awaitReady();
            assertRight();

            redis.ask("CONFIG", "SET", "maxmemory", "1");
            changeAndWait();
            assertThat(service.log()).contains("is out of memory");
            redis.ask("CONFIG", "SET", "maxmemory", "0");
            assertRight();

            redis.ask("REPLICAOF", "127.0.0.1", "1");
            changeAndWait();
            redis.ask("REPLICAOF", "NO", "ONE");
            assertRight();

            redis.ask("SCRIPT", "FLUSH");
            change();
            assertRight();

            redis.freeze();
            changeAndWait();
            redis.thaw();
            assertRight();

            redis.lock("secret");
            changeAndWait();
            await("readiness").atMost(Duration.ofSeconds(20)).until(() -> !service.isReady());
            assertThat(service.log()).doesNotContain("secret");
            redis.open("secret");
            assertRight();

            redis.ask("DEBUG", "POPULATE", "500000", "ballast", "100");
            redis.ask("SAVE");
            redis.kill9();
            change();
            redis.restart();
            change();
            assertRight();
            service.awaitReady();
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }
}
