package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is killed, every change arrives, in order per row, and the caches end up right. */
class KillIT {
    private static final int KEYS = 12;

    /** What a JVM that ended in order says of the signal that it was sent. */
    private static final int SIGTERM = 128 + 15;

    private static final String WRITE =
            "insert into item as i values (?, 1)"
                    + " on conflict (key) do update set version = i.version + 1";

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final Ledger ledger = new Ledger();

    @BeforeEach
    void tables() {
        postgres.execute(
                "create table item (key text primary key, version int not null);"
                        + " create table role (id int primary key, name text not null);"
                        + " insert into role values (1, 'Admin');"
                        + " alter table item owner to app; alter table role owner to app");
    }

    @AfterEach
    void end() {
        ledger.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  webhooks:
                    allowed-networks: 127.0.0.0/8
                  channels:
                    slack:
                      url: %s
                  rules:
                    ledger:
                      tables: public.item
                      events: [insert, update]
                      retry: { backoff: 100ms, max-backoff: 1s }
                      notify:
                        channels: slack
                        to: ledger
                        title: "{table}"
                        body: "id={change.id} key={after.key} version={after.version}"
                    roles:
                      tables: public.role
                      retry: { backoff: 100ms, max-backoff: 1s }
                      cache: { key: "master:roles", query: "select id, name from role order by id" }
                """
                        .formatted(ledger.url()));
    }

    /** Writes the next version of random keys until told to stop. */
    private Thread writer(AtomicBoolean stop, long seed) {
        return Thread.ofPlatform()
                .start(() -> {
                    Random random = new Random(seed);
                    while (!stop.get()) {
                        try (Connection connection = postgres.open("app");
                                PreparedStatement write = connection.prepareStatement(WRITE)) {
                            while (!stop.get()) {
                                write.setString(1, "k" + random.nextInt(KEYS));
                                write.executeUpdate();
                                pause(2);
                            }
                        } catch (SQLException e) {
                            pause(200); // the server is down, or has just come back
                        }
                    }
                });
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int written() {
        return Integer.parseInt(
                String.valueOf(
                        postgres.query("app", "select coalesce(sum(version), 0) from item")));
    }

    /**
     * @param cut how many connections ended while we read them: a transaction whose commit had not
     *     come is told again, and each transaction here is one change
     */
    private void assertNothingLostAndAllInOrder(int cut) {
        await("all deliveries")
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        ledger.firstTold().values().stream().mapToInt(List::size).sum()
                                == written());
        Map<String, List<Integer>> told = ledger.firstTold();
        told.forEach((key, versions) ->
                assertThat(versions)
                        .as("first deliveries of %s", key)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, versions.size()).boxed().toList()));
        Map<String, Ledger.Entry> last = new HashMap<>();
        List<Ledger.Entry> again = new ArrayList<>();
        for (Ledger.Entry entry : ledger.entries()) {
            Ledger.Entry before = last.put(entry.run() + "/" + entry.key(), entry);
            if (entry.equals(before)) {
                again.add(entry);
            } else {
                assertThat(before == null || before.version() < entry.version())
                        .as("%s after %s within one run", entry, before)
                        .isTrue();
            }
        }
        assertThat(again).as("told twice within one run").hasSizeLessThanOrEqualTo(cut);
    }

    @Test
    void f28_killingTheServiceUnderLoadLosesNothing() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (ServiceProcess service = service()) {
            service.awaitReady();
        }
        Thread writer = writer(stop, 28);
        for (int run = 0; run < 4; run++) {
            try (ServiceProcess service = service()) {
                service.awaitReady();
                pause(1500);
                service.kill9();
                ledger.nextRun();
            }
        }
        try (ServiceProcess service = service()) {
            service.awaitReady();
            stop.set(true);
            writer.join();
            assertNothingLostAndAllInOrder(0);
            assertThat(service.terminate()).isEqualTo(SIGTERM);
        }
    }

    @Test
    void f01_killingPostgresUnderLoadLosesNothingAndReadinessTellsTheTruth()
            throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (ServiceProcess service = service()) {
            service.awaitReady();
            Thread writer = writer(stop, 1);
            pause(1500);
            postgres.kill9();
            await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !service.isReady());
            postgres.restart();
            service.awaitReady();
            pause(1000);
            stop.set(true);
            writer.join();
            assertNothingLostAndAllInOrder(1);
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    @Test
    void f67_killingRedisUnderLoadLosesNothingAndReadinessTellsTheTruth() throws SQLException {
        try (ServiceProcess service = service();
                Connection connection = postgres.open("app");
                PreparedStatement rename =
                        connection.prepareStatement("update role set name = ? where id = 1")) {
            service.awaitReady();
            for (int i = 0; i < 50; i++) {
                rename.setString(1, "name " + i);
                rename.executeUpdate();
            }
            redis.kill9();
            await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !service.isReady());
            for (int i = 50; i < 100; i++) {
                rename.setString(1, "name " + i);
                rename.executeUpdate();
            }
            redis.restart();
            service.awaitReady();
            await("the last name in Redis")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> roles().contains("name 99"));
            assertThat(roles()).isEqualTo("[{\"id\": 1, \"name\": \"name 99\"}]");
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    private String roles() {
        return redis.get("master:roles");
    }

    @Test
    void anIdleServiceReadsNothing() {
        try (ServiceProcess service = service()) {
            service.awaitReady();
            await("the cache is filled")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> roles().contains("Admin"));
            pause(4000);

            assertThat(service.metrics().lines())
                    .filteredOn(line -> line.startsWith("wal_monitor_cache_refresh_total"))
                    .filteredOn(line -> !line.endsWith(" 0.0"))
                    .containsExactly(
                            "wal_monitor_cache_refresh_total{reason=\"warm\",rule=\"roles\",source=\"main\"}"
                                    + " 1.0");
        }
    }

    @Test
    void f29_aGracefulStopLeavesNothingToTellAgain() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer;
        try (ServiceProcess service = service()) {
            service.awaitReady();
            writer = writer(stop, 29);
            pause(1500);
            assertThat(service.terminate()).isEqualTo(SIGTERM);
            ledger.nextRun();
        }
        try (ServiceProcess service = service()) {
            service.awaitReady();
            pause(500);
            stop.set(true);
            writer.join();
            assertNothingLostAndAllInOrder(0);
        }
        List<String> ids = ledger.entries().stream().map(Ledger.Entry::id).toList();
        assertThat(ids).doesNotHaveDuplicates();
    }
}
