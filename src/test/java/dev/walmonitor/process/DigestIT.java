package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One statement that updates many rows makes one message, whatever is killed meanwhile. */
class DigestIT {
    private static final int ROWS = 50_000;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Receiver slack =
            new Receiver(received -> {
                told.add(new JsonObject(received.body()).getString("text"));
                return 200;
            });

    @BeforeEach
    void tables() {
        postgres.execute(
                "create table item (id int primary key, version int not null);"
                        + " alter table item owner to app;"
                        + " insert into item select n, 1 from generate_series(1, "
                        + ROWS
                        + ") n");
    }

    @AfterEach
    void end() {
        slack.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL",
                        postgres.url(),
                        "REDIS_URL",
                        redis.address(),
                        "SLACK_WEBHOOK_URL",
                        slack.url()),
                """
                wal-monitor:
                  webhooks:
                    allowed-networks: 127.0.0.0/8
                  rules:
                    storm:
                      tables: public.item
                      events: update
                      notify: { channels: slack, title: "{id} has version {version}", digest: 60s }
                    whole:
                      tables: public.item
                      events: update
                      notify: { channels: slack, title: "{id} has version {version}", digest: transaction }
                """);
    }

    @Test
    void aKillInsideTheWindowLosesNoMember() throws InterruptedException {
        try (ServiceProcess service = service()) {
            service.awaitReady();
            postgres.execute("update item set version = 2");
            await("the transaction as one message")
                    .atMost(Duration.ofSeconds(50))
                    .until(() -> !told.isEmpty());
            await("all members").atMost(Duration.ofSeconds(50)).until(() -> members() == ROWS);
            Thread.sleep(3_000); // until what is done is confirmed, so that it does not come again
            assertThat(told).singleElement().asString().startsWith("*whole: 50000 changes*\n");
            service.kill9();
        }
        assertThat(told).hasSize(1);
        try (ServiceProcess service = service()) {
            service.awaitReady();
            await("what waited").atMost(Duration.ofMinutes(2)).until(() -> told.size() == 2);
            await("the record").atMost(Duration.ofSeconds(20)).until(() -> members() == 0);
            assertThat(told.get(1))
                    .startsWith("*storm: 50000 changes*\n\u2022 1 has version 2\n")
                    .endsWith("\u2026 and 49990 more");
            assertThat(service.log()).doesNotContain("\tat ");
            assertThat(service.metrics())
                    .contains(
                            "wal_monitor_notifications_total{channel=\"slack\",outcome=\"sent\",rule=\"storm\",source=\"main\"}"
                                    + " 1.0");
        }
        assertThat(
                        postgres.query(
                                "app",
                                "select string_agg(rule || ' ' || outcome || ' ' || changes, ', ' order by rule) from"
                                        + " wal_monitor.notification_log"))
                .isEqualTo("storm sent 50000, whole sent 50000");
    }

    private long members() {
        return Long.parseLong(
                String.valueOf(
                        postgres.query(
                                "app",
                                "select count(*) from wal_monitor.notification_member where rule = 'storm'")));
    }
}
