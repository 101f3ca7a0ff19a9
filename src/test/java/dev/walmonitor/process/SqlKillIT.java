package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whenever the service is killed, a statement has been run once for each change, and each change is
 * archived once. {@code -Dsql.changes=10000 -Dsql.kills=20} for as many.
 */
class SqlKillIT {
    private static final int CHANGES = Integer.getInteger("sql.changes", 1_000);
    private static final int KILLS = Integer.getInteger("sql.kills", 3);
    private static final long SEED = Long.getLong("sql.seed", System.nanoTime());

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();

    @AfterEach
    void end() {
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service(String reports) {
        return ServiceProcess.start(
                home,
                Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  datasources:
                    reports:
                      url: %s
                  sql:
                    prune-interval: 200ms
                  rules:
                    effects:
                      tables: public.item
                      events: [insert, update]
                      retry: { backoff: 50ms, max-backoff: 500ms }
                      sql: { datasource: reports, statement: "insert into effect values ({id}, {version})" }
                    history:
                      tables: public.*
                      archive: { retention: 30d }
                """
                        .formatted(reports));
    }

    @Test
    void whateverIsKilledAStatementRunsOnceAndAChangeIsKeptOnce() throws Exception {
        System.out.println("SqlKillIT: -Dsql.seed=" + SEED);
        Random random = new Random(SEED);
        String reports = postgres.createDatabase("reports");
        postgres.execute(
                "create table item (id int primary key, version int not null);"
                        + " alter table item owner to app");
        try (Connection connection = postgres.open("reports");
                Statement statement = connection.createStatement()) {
            var _ =
                    statement.execute(
                            "create table effect (id int, version int); alter table effect owner to app");
        }
        try (ServiceProcess service = service(reports)) {
            service.awaitReady();
        }
        AtomicInteger written = new AtomicInteger();
        Thread writer = Thread.ofPlatform().start(() -> write(written));
        for (int kill = 1; kill <= KILLS; kill++) {
            try (ServiceProcess service = service(reports)) {
                service.awaitReady();
                Thread.sleep(random.nextInt(1_500));
                service.kill9();
            }
        }
        writer.join();
        try (ServiceProcess service = service(reports)) {
            service.awaitReady();
            await("every change")
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() ->
                            ask("reports", "select count(distinct (id, version)) from effect")
                                            .equals(String.valueOf(CHANGES))
                                    && ask("app", "select count(*) from wal_monitor.change_archive")
                                            .equals(String.valueOf(CHANGES)));
            assertThat(ask("reports", "select count(*) from effect"))
                    .as("seed %d", SEED)
                    .isEqualTo(String.valueOf(CHANGES));
            assertThat(
                            ask(
                                    "app",
                                    "select count(distinct (epoch, commit_position, ordinal)) from"
                                            + " wal_monitor.change_archive"))
                    .isEqualTo(String.valueOf(CHANGES));
            await("a ledger that is rid of what cannot come again")
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            ask("reports", "select count(*) from wal_monitor.wal_monitor_applied")
                                    .equals("0"));
        }
    }

    /** Versions of fifty rows, spread over the time that the kills take. */
    private void write(AtomicInteger written) {
        try (Connection connection = postgres.open("app");
                PreparedStatement upsert =
                        connection.prepareStatement(
                                "insert into item as i values (?, ?) on conflict (id) do update set"
                                        + " version = excluded.version")) {
            while (written.get() < CHANGES) {
                int n = written.getAndIncrement();
                upsert.setInt(1, n % 50);
                upsert.setInt(2, n);
                upsert.executeUpdate();
                if (n % 10 == 0) {
                    Thread.sleep(10L * KILLS * 3_000 / CHANGES);
                }
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String ask(String database, String sql) {
        return String.valueOf(postgres.query(database, sql));
    }
}
