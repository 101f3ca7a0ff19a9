package dev.walmonitor.admin;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.oneOf;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.RunningRules;
import dev.walmonitor.monitor.budget.BudgetStage;
import dev.walmonitor.monitor.budget.Budgets;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.redis.CacheStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The stages of a slot's budget in the whole service, with a real slot that a held handler fills.
 */
@QuarkusTest
@TestProfile(SlotBudgetTest.Profile.class)
@TestMethodOrder(OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // Quarkus does
class SlotBudgetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long BUDGET = 100L << 20;

    /** Changes of the table "slow" wait until the test lets them go. */
    private static final Held HELD = new Held();

    private static boolean registered;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(Server.class));
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.ofEntries(
                    Map.entry("wal-monitor.rules.item.tables", "public.items"),
                    Map.entry("wal-monitor.rules.item.cache.key", "budget:item:{id}"),
                    Map.entry("wal-monitor.rules.item.cache.value", "row"),
                    Map.entry("wal-monitor.rules.names.tables", "public.items"),
                    Map.entry("wal-monitor.rules.names.cache.key", "budget:names"),
                    Map.entry(
                            "wal-monitor.rules.names.cache.query",
                            "select name from items order by id"),
                    Map.entry("wal-monitor.sources.main.budget.size", "100M"),
                    Map.entry("wal-monitor.sources.main.budget.warn-at", "20"),
                    Map.entry("wal-monitor.sources.main.budget.spill-at", "35"),
                    Map.entry("wal-monitor.sources.main.budget.invalidate-at", "50"),
                    Map.entry("wal-monitor.sources.main.budget.invalidate-only", "item,names"),
                    Map.entry("wal-monitor.sources.main.budget.give-up-at", "65"),
                    Map.entry("wal-monitor.sources.main.slot-lost", "stop"),
                    Map.entry("wal-monitor.sources.main.canary-interval", "1s"),
                    Map.entry("wal-monitor.monitor.sample-every", "200ms"),
                    Map.entry("wal-monitor.cache.check-interval", "200ms"),
                    Map.entry("wal-monitor.cache.audit.interval", "300ms"),
                    Map.entry("wal-monitor.alerts.every", "200ms"),
                    Map.entry("wal-monitor.alerts.hold", "0s"));
        }
    }

    /** A PostgreSQL of the test's own, whose log nobody else writes. */
    public static final class Server implements QuarkusTestResourceLifecycleManager {
        private static PostgresServer server;

        @Override
        public Map<String, String> start() {
            server = PostgresServer.started();
            server.execute(
                    "create table items (id int primary key, name text);"
                            + " create table slow (id int primary key, n int);"
                            + " insert into items values (1, 'a'), (2, 'b');"
                            + " alter table items owner to app; alter table slow owner to app");
            String place = "postgresql://127.0.0.1:" + server.portNumber() + "/app";
            return Map.of(
                    "wal-monitor.sources.main.url",
                    server.url(),
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

    /** Answers when it is told to. */
    private static final class Held implements ChangeHandler {
        private final Queue<UniEmitter<? super HandlerResult>> waiting =
                new ConcurrentLinkedQueue<>();
        private volatile boolean free;

        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return free
                    ? Uni.createFrom().item(HandlerResult.NONE)
                    : Uni.createFrom().<HandlerResult>emitter(waiting::add);
        }

        private void letGo() {
            free = true;
            for (UniEmitter<? super HandlerResult> next = waiting.poll();
                    next != null;
                    next = waiting.poll()) {
                next.complete(HandlerResult.NONE);
            }
        }
    }

    @Inject Budgets budgets;
    @Inject RunningRules rules;
    @Inject CacheStore redis;
    @Inject MeterRegistry registry;

    @Test
    @Order(1)
    void f39_eachStageComesInItsTurnAndIsTakenBackInItsTurn() {
        streams();
        hold();
        List<BudgetStage> seen = watch();

        fillUpTo(BudgetStage.WARN, 20);
        alerted("retained-wal");
        fillUpTo(BudgetStage.SPILL, 35);
        alerted("slot-spill");
        await("the slow rule is parked")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get("/api/v1/rules/slow")
                                .then()
                                .body("state", equalTo("paused"))
                                .body("reason", equalTo("the replication slot was nearly full")));
        run("update items set name = 'kept' where id = 1");
        await().atMost(PATIENCE).until(() -> String.valueOf(item()).contains("kept"));

        fillUpTo(BudgetStage.INVALIDATE, 50);
        alerted("slot-invalidate");
        await("changes take keys away")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get("/api/v1/caches/item")
                                .then()
                                .body("state", equalTo("invalidating")));
        run("update items set name = 'taken' where id = 1");
        await("no value").atMost(PATIENCE).until(() -> item() == null && names() == null);
        given().get("/api/v1/replication/main/status")
                .then()
                .body("budget.stage", equalTo("invalidate"))
                .body("budget.limit_bytes", equalTo((int) BUDGET))
                .body("budget.sentence", notNullValue())
                .body("budget.remedy", notNullValue());
        assertThat(
                        registry.get("wal_monitor_slot_budget_stage")
                                .tag("source", "main")
                                .gauge()
                                .value())
                .isEqualTo(3);
        assertThat(
                        registry.get("wal_monitor_slot_budget_used_ratio")
                                .tag("source", "main")
                                .gauge()
                                .value())
                .isBetween(0.5, 0.65);

        HELD.letGo();
        await("there is room").atMost(PATIENCE).until(() -> stage() == BudgetStage.NONE);
        await("what was taken away is there again")
                .atMost(PATIENCE)
                .until(() ->
                        "{\"id\": 1, \"name\": \"taken\"}".equals(item())
                                && "[{\"name\": \"taken\"}, {\"name\": \"b\"}]".equals(names()));
        await("the rule goes on")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get("/api/v1/rules/slow")
                                .then()
                                .body("state", equalTo("running"))
                                .body("parked", equalTo(0)));
        await("nothing is wrong any more")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> given().get("/api/v1/alerts").then().body("size()", equalTo(0)));
        assertThat(seen)
                .containsExactly(
                        BudgetStage.NONE,
                        BudgetStage.WARN,
                        BudgetStage.SPILL,
                        BudgetStage.INVALIDATE,
                        BudgetStage.SPILL,
                        BudgetStage.WARN,
                        BudgetStage.NONE);
        assertThat(ask("select count(*) from wal_monitor.gap where tables is null")).isEqualTo("0");
        assertThat(ask("select count(*) from wal_monitor.alert where kind = 'cache-divergence'"))
                .isEqualTo("0");
    }

    @Test
    @Order(2)
    void f39_aSlotThatNothingElseHelpsIsGivenUpWithAGap() {
        streams();
        hold();
        String before = ask("select confirmed_flush_lsn from pg_replication_slots");
        run("update items set name = 'lost?' where id = 2");
        fillUpTo(BudgetStage.INVALIDATE, 50);
        await().atMost(PATIENCE)
                .until(() -> {
                    emit(2);
                    return !"0"
                            .equals(
                                    ask(
                                            "select count(*) from wal_monitor.gap where tables is null"));
                });
        await("there is room").atMost(PATIENCE).until(() -> stage() == BudgetStage.NONE);
        streams();

        assertThat(ask("select reason from wal_monitor.gap where tables is null"))
                .matches(
                        "The slot kept .* MiB of log, \\d+ % of its budget of 100.0 MiB, and what was not done was"
                                + " given up\\.");
        assertThat(
                        ask(
                                "select (rules->>'item') || (rules->>'names') || (rules->>'slow') from wal_monitor.gap where tables is null"))
                .isEqualTo("REBUILTREBUILTRECORDED");
        assertThat(ask("select confirmed_flush_lsn > '" + before + "' from pg_replication_slots"))
                .isEqualTo("t");
        assertThat(
                        ask(
                                "select who || ' ' || method || ' ' || outcome || ' ' || (named->>'source') from"
                                        + " wal_monitor.admin_audit"))
                .isEqualTo("wal-monitor GIVE-UP DONE main");
        alerted("slot-given-up");
        given().get("/api/v1/replication/main/status")
                .then()
                .body("budget.given_up_at", notNullValue());
        await("the caches are whole")
                .atMost(PATIENCE)
                .until(() -> "[{\"name\": \"taken\"}, {\"name\": \"lost?\"}]".equals(names()));
        run("update items set name = 'after' where id = 1");
        await("what comes is handled, though the handler still holds what came before")
                .atMost(PATIENCE)
                .until(() -> "{\"id\": 1, \"name\": \"after\"}".equals(item()));
        await("and confirmed")
                .atMost(PATIENCE)
                .until(() ->
                        "t"
                                .equals(
                                        ask(
                                                "select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) < 1000000"
                                                        + " from pg_replication_slots")));
        HELD.letGo();
    }

    @Test
    @Order(3)
    void f45_aTransactionThatWasLeftOpenIsSaidAndNothingIsDone() throws SQLException {
        streams();
        await().atMost(PATIENCE).until(() -> stage() == BudgetStage.NONE);
        long gaps =
                Long.parseLong(
                        Objects.requireNonNull(
                                ask("select count(*) from wal_monitor.gap where tables is null")));
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into slow values (1000, 0)");
            for (int i = 0; i < 25; i++) { // each is confirmed before the next
                emit(3);
                pause(400);
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(sentence())
                                    .endsWith(
                                            "A transaction that was left open holds most of it, which nothing of ours"
                                                    + " could free."));
            assertThat(stage()).isEqualTo(BudgetStage.WARN);
            connection.rollback();
        }
        await("there is room")
                .atMost(PATIENCE)
                .until(() -> {
                    Server.server.execute("checkpoint"); // tells the slot which transactions run
                    run("update items set name = 'again' where id = 1");
                    return stage() == BudgetStage.NONE;
                });
        assertThat(ask("select count(*) from wal_monitor.gap where tables is null"))
                .isEqualTo("" + gaps);
    }

    private void streams() {
        await("the stream")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        given().get("/api/v1/replication/main/status")
                                .then()
                                .body("state", oneOf("STREAMING", "IDLE")));
        await("the caches").atMost(PATIENCE).until(() -> names() != null);
    }

    /** From here on a change is held that comes of a table of its own. */
    private void hold() {
        await().atMost(PATIENCE).until(() -> stage() == BudgetStage.NONE);
        HELD.free = false;
        if (!registered) {
            registered = true;
            Filter filter =
                    new Filter(
                            List.of(TablePattern.parse("public.slow")),
                            EnumSet.allOf(Operation.class));
            rules.add(new Rule("slow", "java", "main", filter, Rule.Retry.DEFAULT), HELD);
            await("it is published")
                    .atMost(PATIENCE)
                    .until(() ->
                            "1"
                                    .equals(
                                            ask(
                                                    "select count(*) from pg_publication_tables where tablename = 'slow'")));
        }
        await("a change that is held")
                .atMost(PATIENCE)
                .until(() -> {
                    run("insert into slow select coalesce(max(id), 0) + 1, 0 from slow");
                    Thread.sleep(200);
                    return !HELD.waiting.isEmpty();
                });
    }

    /** Notes each stage that it sees from now on. */
    private List<BudgetStage> watch() {
        List<BudgetStage> seen = new ArrayList<>(List.of(stage()));
        Thread.ofVirtual()
                .start(() -> {
                    long end = System.nanoTime() + PATIENCE.toNanos();
                    do {
                        BudgetStage now = stage();
                        if (now != seen.getLast()) {
                            seen.add(now);
                        }
                        pause(5);
                    } while (System.nanoTime() < end
                            && (seen.size() < 3 || seen.getLast() != BudgetStage.NONE));
                });
        return seen;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes log until the slot keeps that part of its budget, and a little more. */
    private void fillUpTo(BudgetStage stage, int percent) {
        while (Long.parseLong(
                        Objects.requireNonNull(
                                ask(
                                        "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::int8 from"
                                                + " pg_replication_slots")))
                < BUDGET / 100 * (percent + 4)) {
            emit(2);
        }
        await(stage.word()).atMost(PATIENCE).until(() -> stage() == stage);
    }

    private static void emit(int mebibytes) {
        run(
                "select pg_logical_emit_message(false, 'test', repeat('x', 1 << 20)) from generate_series(1, "
                        + mebibytes
                        + ")");
    }

    private static void alerted(String kind) {
        await(kind)
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> given().get("/api/v1/alerts").then().body("kind", hasItem(kind)));
    }

    private BudgetStage stage() {
        return Objects.requireNonNull(budgets.standing("main")).stage();
    }

    private @Nullable String sentence() {
        return Objects.requireNonNull(budgets.standing("main")).sentence();
    }

    private @Nullable String item() {
        return redis.get("budget:item:1").await().atMost(PATIENCE);
    }

    private @Nullable String names() {
        return redis.get("budget:names").await().atMost(PATIENCE);
    }

    private static Connection open() throws SQLException {
        String url =
                ConfigProvider.getConfig().getValue("wal-monitor.sources.main.url", String.class);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1), "app", "app");
    }

    private static void run(String sql) {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String ask(String sql) {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
