package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The monitor database is gone for a while, and the source's is not. */
class MonitorAwayIT {
    private static final int ROWS = 500;

    /** More than may be on their way at once. */
    private static final int MANY = 30_000;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final PostgresServer monitor = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final AtomicInteger taken = new AtomicInteger();
    private volatile boolean up = true;
    private final Receiver hook = new Receiver(received -> take());

    private int take() {
        if (!up) {
            return 503;
        }
        taken.incrementAndGet();
        return 204;
    }

    @AfterEach
    void end() {
        hook.close();
        redis.shutdown();
        monitor.stopImmediately();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL",
                        postgres.url(),
                        "MONITOR_DATABASE_URL",
                        monitor.url(),
                        "REDIS_URL",
                        redis.address()),
                """
                wal-monitor:
                  webhooks:
                    allowed-networks: 127.0.0.0/8
                  rules:
                    sent:
                      tables: public.many
                      retry: { backoff: 50ms, max-backoff: 1s }
                      webhook: { url: "%s", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
                    kept:
                      tables: public.item
                      cache: { key: "item:{id}", value: row }
                """
                        .formatted(hook.url()));
    }

    @Test
    void f35_handlingGoesOnNothingIsConfirmedTheIntakeStopsAtItsBoundAndAllGoesOnByItself() {
        postgres.execute(
                "create table item (id int primary key, version int not null); alter table item owner to"
                        + " app; create table many (id int primary key); alter table many owner to app");
        try (ServiceProcess service = service()) {
            service.awaitReady();
            touch(1);
            assertCached(1);
            String before = confirmed();
            monitor.stopFast();
            touch(2);
            assertCached(2);
            String stands = confirmed();
            await("readiness says why")
                    .atMost(PATIENCE)
                    .until(() ->
                            service.ready()
                                    .asString()
                                    .contains("The monitor database at 127.0.0.1:"));
            assertThat(service.ready().statusCode()).isEqualTo(503);
            assertThat(before).isNotEmpty();

            up = false;
            postgres.execute("insert into many select generate_series(1, " + MANY + ")");
            await("the intake stands").atMost(PATIENCE).until(() -> inFlight(service) >= 20_000);
            touch(3);
            assertThat(inFlight(service)).isLessThan(MANY);
            assertThat(confirmed()).as("nothing is confirmed meanwhile").isEqualTo(stands);

            monitor.restart();
            up = true;
            assertCached(3);
            await("all of it").atMost(PATIENCE).until(() -> taken.get() >= MANY);
            await("the slot follows")
                    .atMost(PATIENCE)
                    .until(() ->
                            "t"
                                    .equals(
                                            postgres.query(
                                                    "app",
                                                    "select confirmed_flush_lsn > '"
                                                            + stands
                                                            + "' from pg_replication_slots")));
            service.awaitReady();
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    private static int inFlight(ServiceProcess service) {
        return service.api("/replication/main/status").getInt("in_flight");
    }

    private void touch(int version) {
        postgres.execute(
                "insert into item as i select n, "
                        + version
                        + " from generate_series(1, "
                        + ROWS
                        + ") n on conflict (id) do update set version = excluded.version");
    }

    private void assertCached(int version) {
        await("version " + version)
                .atMost(PATIENCE)
                .until(() ->
                        String.valueOf(redis.get("item:" + ROWS))
                                        .contains("\"version\": " + version)
                                && String.valueOf(redis.get("item:1"))
                                        .contains("\"version\": " + version));
    }

    private String confirmed() {
        return String.valueOf(
                postgres.query("app", "select confirmed_flush_lsn from pg_replication_slots"));
    }
}
