package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty cached tables and ten thousand row keys under a storm of writes, while two instances fight
 * for the slot and everything is killed or frozen in turn. At no moment that is looked at does a
 * key go back in time; while Redis keeps its data no key is missing; at the end every key equals
 * its table. The audit is off, so nothing heals what should not have broken.
 *
 * <p>Runs with {@code -Dstorm.seconds=60}, for so long and at least one round of everything.
 */
@Tag("redis")
@EnabledIfSystemProperty(named = "storm.seconds", matches = "\\d+")
class StormIT {
    private static final int TABLES = 20;
    private static final int ROWS = 50;
    private static final int KEYS = Integer.getInteger("storm.keys", 10_000);
    private static final long SECONDS = Long.getLong("storm.seconds", 0);

    @TempDir Path first = Path.of("");
    @TempDir Path second = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis =
            RedisServer.started("--appendonly", "yes", "--appendfsync", "everysec");
    private final Vertx vertx = Vertx.vertx();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicBoolean mayMiss = new AtomicBoolean(true);
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong looks = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final List<ServiceProcess> services = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        services.forEach(ServiceProcess::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
        redis.shutdown();
        postgres.stopImmediately();
    }

    /** The reader's own client is closed with a command under way, and says so at length. */
    @BeforeAll
    static void quiet() {
        java.util.logging.Logger.getLogger("io.vertx").setLevel(java.util.logging.Level.OFF);
    }

    @AfterAll
    static void loud() {
        java.util.logging.Logger.getLogger("io.vertx").setLevel(null);
    }

    private void tables() {
        StringBuilder sql = new StringBuilder();
        for (int t = 0; t < TABLES; t++) {
            sql.append(
                    "create table t%1$d (id int primary key, version bigint not null); insert into t%1$d select n, 1 from generate_series(1, %2$d) n; alter table t%1$d owner to app;"
                            .formatted(t, ROWS));
        }
        sql.append(
                "create table item (id int primary key, version bigint not null, note text);"
                        + " alter table item alter column note set storage external;"
                        + " insert into item select n, 1, repeat('x', case when n % 10 = 0 then 3000 else 3 end) from generate_series(1, "
                        + KEYS
                        + ") n; alter table item owner to app");
        postgres.execute(sql.toString());
    }

    private ServiceProcess service(Path home) {
        StringBuilder rules =
                new StringBuilder(
                        """
                        wal-monitor:
                          cache:
                            audit: { interval: 0s }
                            check-interval: 1s
                          rules:
                            items:
                              tables: public.item
                              cache: { key: "item:{id}", value: row }
                        """);
        for (int t = 0; t < TABLES; t++) {
            rules.append(
                    "    t%1$d:\n      tables: public.t%1$d\n      cache: { key: \"table:t%1$d\", query: \"select id, version from t%1$d order by id\" }\n"
                            .formatted(t));
        }
        ServiceProcess service =
                ServiceProcess.start(
                        home,
                        Map.of(
                                "DATABASE_URL",
                                postgres.url(),
                                "REDIS_URL",
                                redis.address(),
                                "QUARKUS_REDIS_TIMEOUT",
                                "2s",
                                "QUARKUS_LOG_CATEGORY__DEV_WALMONITOR__LEVEL",
                                "INFO"),
                        rules.toString());
        services.add(service);
        return service;
    }

    private void run(String name, Runnable work) {
        threads.add(Thread.ofPlatform().name(name).start(work));
    }

    /** Raises versions: of single rows, of many at once, and of a row whose large value stays. */
    private void write(long seed) {
        Random random = new Random(seed);
        while (!stop.get()) {
            try (Connection connection = postgres.open("app");
                    Statement statement = connection.createStatement()) {
                while (!stop.get()) {
                    connection.setAutoCommit(random.nextInt(4) > 0);
                    for (int i = 0; i <= random.nextInt(4); i++) {
                        statement.execute(statement(random));
                    }
                    if (!connection.getAutoCommit()) {
                        if (random.nextInt(5) == 0) {
                            connection.rollback();
                        } else {
                            connection.commit();
                        }
                    }
                    pause(random.nextInt(24));
                }
            } catch (SQLException e) {
                pause(200);
            }
        }
    }

    private static String statement(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> {
                int from = random.nextInt(KEYS);
                yield "update item set version = version + 1 where id between %d and %d"
                        .formatted(from, from + random.nextInt(60));
            }
            case 1, 2, 3 ->
                    "update t%d set version = version + 1 where id = %d"
                            .formatted(random.nextInt(TABLES), 1 + random.nextInt(ROWS));
            case 4 -> "update t%d set version = version + 1".formatted(random.nextInt(TABLES));
            default ->
                    "update item set version = version + 1 where id = "
                            + (1 + random.nextInt(KEYS));
        };
    }

    private Redis client() {
        return Redis.createClient(vertx, redis.address());
    }

    /** Looks at random keys, one after the other, and notes what goes back or is missing. */
    private void read(long seed) {
        Random random = new Random(seed);
        Redis client = client();
        while (!stop.get()) {
            boolean row = random.nextInt(3) > 0;
            String key =
                    row ? "item:" + (1 + random.nextInt(KEYS)) : "table:t" + random.nextInt(TABLES);
            boolean mustBe = !mayMiss.get();
            try {
                Response response =
                        client.send(Request.cmd(Command.GET).arg(key))
                                .toCompletionStage()
                                .toCompletableFuture()
                                .get(5, TimeUnit.SECONDS);
                looks.incrementAndGet();
                if (response != null) {
                    look(key, row, response.toString());
                } else if (mustBe && !mayMiss.get()) {
                    wrong.add(key + " was missing");
                }
            } catch (Exception e) {
                client.close();
                pause(100);
                client = client();
            }
        }
        client.close();
    }

    private void look(String key, boolean row, String value) {
        if (row) {
            version(key, new JsonObject(value).getLong("version"));
            return;
        }
        JsonArray rows = new JsonArray(value);
        for (int i = 0; i < rows.size(); i++) {
            JsonObject one = rows.getJsonObject(i);
            version(key + "/" + one.getLong("id"), one.getLong("version"));
        }
    }

    private void version(String what, long version) {
        Long before = seen.put(what, version);
        if (before != null && before > version) {
            wrong.add(what + " went back from " + before + " to " + version);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void f67_f68_noKeyGoesBackOrIsMissingAndAllEndAsTheirTables() throws Exception {
        tables();
        ServiceProcess one = service(first);
        one.awaitReady();
        awaitFilled();
        mayMiss.set(false);
        ServiceProcess two = service(second);
        two.awaitReady();
        run("reader", () -> read(1)); // one: what two see at the same time has no order
        run("writer 1", () -> write(2));
        run("writer 2", () -> write(3));
        Random random = new Random(4);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int round = 0;
        while (System.nanoTime() < until || round < 5) {
            switch (round++ % 5) {
                case 0 -> { // the active one is frozen past the take-over, and woken
                    ServiceProcess active = active(one, two);
                    active.freeze();
                    ServiceProcess other = active == one ? two : one;
                    pause(12_000);
                    active.thaw();
                    assertThat(other.isAlive()).isTrue();
                }
                case 1 -> { // the active one is killed
                    ServiceProcess active = active(one, two);
                    active.kill9();
                    if (active == one) {
                        one = service(first);
                    } else {
                        two = service(second);
                    }
                }
                case 2 -> { // Redis is frozen, and keeps its data
                    redis.freeze();
                    pause(3_000 + random.nextInt(1_000));
                    redis.thaw();
                }
                case 3 -> { // Redis is killed, and finds its data again
                    redis.kill9();
                    pause(random.nextInt(1_000));
                    redis.restart();
                }
                default ->
                        postgres.execute(
                                "select pg_terminate_backend(pid) from pg_stat_replication");
            }
            pause(2_000);
            assertThat(wrong).isEmpty();
        }
        loseData();
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        try {
            awaitEqual();
        } catch (RuntimeException | AssertionError e) {
            System.out.println(
                    "== log of the first\n" + one.log() + "\n== log of the second\n" + two.log());
            System.out.println(status(one) + "\n" + status(two));
            throw e;
        }
        assertThat(wrong).isEmpty();
        assertThat(looks.get()).isGreaterThan(1_000);
        System.out.printf("%d rounds, %d looks%n", round, looks.get());
    }

    private static String status(ServiceProcess service) {
        return service.isAlive() ? service.api("/replication/main/status").prettify() : "ended";
    }

    /** Redis forgets everything; the service notices, and fills it again. */
    private void loseData() throws Exception {
        mayMiss.set(true);
        redis.kill9();
        redis.restartEmpty();
        awaitFilled();
        mayMiss.set(false);
        pause(1_000);
    }

    private ServiceProcess active(ServiceProcess one, ServiceProcess two) {
        await("one instance streams")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> one.streams() || two.streams());
        return one.streams() ? one : two;
    }

    private void awaitFilled() {
        await("every key")
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> missing() == 0);
    }

    private int missing() throws Exception {
        Map<String, String> cached = cached();
        return KEYS + TABLES - cached.size();
    }

    private Map<String, String> cached() throws Exception {
        Map<String, String> cached = new TreeMap<>();
        Redis client = client();
        try {
            List<String> keys = new ArrayList<>();
            for (int i = 1; i <= KEYS; i++) {
                keys.add("item:" + i);
            }
            for (int t = 0; t < TABLES; t++) {
                keys.add("table:t" + t);
            }
            Request get = Request.cmd(Command.MGET);
            keys.forEach(get::arg);
            Response values =
                    client.send(get)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS);
            for (int i = 0; i < keys.size(); i++) {
                Response value = values.get(i);
                if (value != null) {
                    cached.put(keys.get(i), value.toString());
                }
            }
            return cached;
        } finally {
            client.close();
        }
    }

    private Map<String, String> ought() throws SQLException {
        Map<String, String> ought = new TreeMap<>();
        try (Connection connection = postgres.open("app");
                Statement statement = connection.createStatement()) {
            try (ResultSet rows =
                    statement.executeQuery("select 'item:' || id, to_jsonb(i)::text from item i")) {
                while (rows.next()) {
                    ought.put(rows.getString(1), rows.getString(2));
                }
            }
            for (int t = 0; t < TABLES; t++) {
                try (PreparedStatement query =
                                connection.prepareStatement(
                                        "select jsonb_agg(to_jsonb(q))::text from (select id,"
                                                + " version from t%d order by id) q".formatted(t));
                        ResultSet rows = query.executeQuery()) {
                    rows.next();
                    ought.put("table:t" + t, rows.getString(1));
                }
            }
        }
        return ought;
    }

    private void awaitEqual() throws SQLException {
        Map<String, String> ought = ought();
        await("every key as its table")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Map<String, String> cached = cached();
                    List<String> different =
                            ought.entrySet().stream()
                                    .filter(e -> !e.getValue().equals(cached.get(e.getKey())))
                                    .map(Map.Entry::getKey)
                                    .limit(5)
                                    .toList();
                    assertThat(different).isEmpty();
                });
    }
}
