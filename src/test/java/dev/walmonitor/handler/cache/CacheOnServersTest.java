package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.FlightRecording;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheKeys;
import dev.walmonitor.sink.redis.TestRedis;
import dev.walmonitor.sink.sql.TestPool;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.consumer.RecordedEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The handler between a real PostgreSQL and a real Redis; the test says what the log would. */
@Tag("redis")
class CacheOnServersTest {
    private static final String QUERY = "select id, name from roles order by id";
    private static final SampleTable ROLES =
            SampleTable.of("public.roles", ReplicaIdentity.FULL, "id*", "name");
    private static final AtomicInteger KEYS = new AtomicInteger();

    @Test
    void aBurstOfChangesMakesFewRefreshesAndOneAfterTheLast() throws SQLException {
        try (Scene scene = Scene.shared(QUERY)) {
            List<Uni<HandlerResult>> answers = new ArrayList<>();
            for (int i = 1; i <= 10_000; i++) {
                answers.add(scene.changed(scene.update(1 + i % 3, "n" + i)));
            }
            all(answers);

            assertThat(scene.cached()).isEqualTo(scene.table());
            assertThat(scene.cached()).contains("n10000");
            assertThat(scene.refreshes()).isBetween(1, 1000);
        }
    }

    @Test
    void theFlightRecorderIsToldOfARefreshWithoutItsKey() throws SQLException {
        try (Scene scene =
                Scene.shared("select id from roles where name = {name} order by id", ":{name}")) {
            int xid = scene.update(1, "secret");
            List<RecordedEvent> events =
                    FlightRecording.of(
                            "dev.walmonitor.Refresh",
                            () -> {
                                var _ =
                                        get(
                                                scene.handler.handle(
                                                        ROLES.update(
                                                                xid,
                                                                null,
                                                                ROLES.row("1", "secret"))));
                            });

            assertThat(events)
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.getString("rule")).isEqualTo("roles");
                        assertThat(event.getString("template")).isEqualTo(scene.key + ":{name}");
                        assertThat(event.getInt("changes")).isOne();
                        assertThat(event.getBoolean("succeeded")).isTrue();
                    });
            assertThat(events.toString()).doesNotContain("secret");
        }
    }

    @Test
    void aStartFillsTheKeyAndTellsSo() throws SQLException {
        try (Scene scene = Scene.shared(QUERY)) {
            HandlerResult result = get(scene.handler.warm());

            assertThat(result.toString()).isEqualTo("refreshed key=" + scene.key + " rows=3");
            assertThat(scene.cached())
                    .isEqualTo(
                            "[{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"},"
                                    + " {\"id\": 3, \"name\": \"c\"}]");
        }
    }

    @Test
    void f63_theCacheEndsOnTheNewValueWhenAChangeComesBeforeItCanBeSeen() throws Exception {
        try (PostgresServer server = PostgresServer.started();
                Scene scene = Scene.of(server.url(), server, SharedServers.redis(), QUERY)) {
            var _ = get(scene.handler.warm());
            server.execute("alter system set synchronous_standby_names = 'nosuch'");
            server.execute("select pg_reload_conf()");
            try (Connection blocked = server.open("app");
                    Statement statement = blocked.createStatement()) {
                awaitSetting(server, "nosuch");
                blocked.setAutoCommit(false);
                statement.execute("update roles set name = 'new' where id = 1");
                int xid = xid(statement);
                Thread commit =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        blocked.commit();
                                    } catch (SQLException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
                await().until(() -> waitsForStandby(server));

                Uni<HandlerResult> answer = scene.changed(xid);
                await().until(() -> scene.refreshes() >= 4);
                assertThat(scene.done()).isZero();
                assertThat(scene.cached()).contains("\"a\"").doesNotContain("new");

                server.execute("alter system reset synchronous_standby_names");
                server.execute("select pg_reload_conf()");
                var _ = get(answer);
                assertThat(commit.join(Duration.ofSeconds(10))).isTrue();
            }
            assertThat(scene.cached()).contains("\"new\"");
        }
    }

    @Test
    void f67_aRedisThatIsKilledDuringRefreshesIsFilledAgain() throws SQLException {
        RedisServer redis = RedisServer.started();
        try (Scene scene =
                Scene.of(SharedServers.freshDatabase(), SharedServers.postgres(), redis, QUERY)) {
            List<Uni<HandlerResult>> answers = new ArrayList<>();
            for (int i = 1; i <= 300; i++) {
                answers.add(scene.changed(scene.update(1, "n" + i)));
                if (i == 100) {
                    redis.kill9();
                }
                if (i == 200) {
                    await().until(() -> scene.failures() > 0);
                    redis.restart();
                }
            }
            all(answers);

            assertThat(scene.cached()).isEqualTo(scene.table()).contains("n300");
        } finally {
            redis.shutdown();
        }
    }

    @Test
    void f67_aFrozenRedisEndsOnTheLastValue() throws SQLException {
        RedisServer redis = RedisServer.started();
        try (Scene scene =
                Scene.of(SharedServers.freshDatabase(), SharedServers.postgres(), redis, QUERY)) {
            var _ = get(scene.handler.warm());
            redis.freeze();
            Uni<HandlerResult> first = scene.changed(scene.update(1, "first"));
            await().until(() -> scene.failures() > 0);
            Uni<HandlerResult> last = scene.changed(scene.update(1, "last"));
            redis.thaw();
            all(List.of(first, last));

            assertThat(scene.cached()).isEqualTo(scene.table()).contains("last");
        } finally {
            redis.shutdown();
        }
    }

    @Test
    void aDatabaseThatIsKilledDuringRefreshesIsReadAgain() throws SQLException {
        try (PostgresServer server = PostgresServer.started();
                Scene scene = Scene.of(server.url(), server, SharedServers.redis(), QUERY)) {
            int xid = scene.update(1, "new");
            server.kill9();
            Uni<HandlerResult> answer = scene.changed(xid);
            await().until(() -> scene.failures() > 0);
            server.restart();
            var _ = get(answer);

            assertThat(scene.cached()).contains("new");
        }
    }

    @Test
    void aKeyMadeOfARowIsKeptOnBothSidesOfAMove() throws SQLException {
        try (Scene scene =
                Scene.shared("select id from roles where name = {name} order by id", ":{name}")) {
            int moved = scene.update(1, "b");
            RowChange change = ROLES.update(moved, ROLES.row("1", "a"), ROLES.row("1", "b"));
            var _ = get(scene.handler.handle(change));

            assertThat(scene.cached(":a")).isEqualTo("[]");
            assertThat(scene.cached(":b")).isEqualTo("[{\"id\": 1}, {\"id\": 2}]");
            assertThat(get(scene.handler.warm())).isEqualTo(HandlerResult.NONE);
        }
    }

    @Test
    void whileItOnlyTakesKeysAwayNoQueryIsReadAndNothingOlderComesBack() throws SQLException {
        try (Scene scene = Scene.shared(QUERY)) {
            var _ = get(scene.handler.warm());
            int before = scene.refreshes();
            scene.handler.invalidateOnly(true);
            String late = scene.record();

            assertThat(get(scene.changed(scene.update(1, "new"))).toString())
                    .isEqualTo("invalidated key=" + scene.key);
            assertThat(scene.cached()).isEqualTo("null");
            assertThat(scene.refreshes()).isEqualTo(before);
            assertThat(scene.record())
                    .as("a record that refuses what was read before")
                    .isGreaterThan(late);

            scene.handler.invalidateOnly(false);
            var _ = get(scene.handler.rebuild());
            assertThat(scene.cached()).isEqualTo(scene.table()).contains("new");
        }
    }

    @Test
    void whatIsMadeAnewByHandIsReadThoughChangesOnlyTakeKeysAway() throws SQLException {
        try (Scene scene = Scene.shared(QUERY)) {
            scene.handler.invalidateOnly(true);
            var _ = get(scene.changed(scene.update(2, "new")));
            assertThat(scene.cached()).isEqualTo("null");
            var _ = get(scene.handler.refresh(scene.key, Reason.OPERATOR));
            assertThat(scene.cached()).isEqualTo(scene.table());
        }
    }

    private static boolean waitsForStandby(PostgresServer server) {
        return "1"
                .equals(
                        server.query(
                                "app",
                                "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"));
    }

    private static void awaitSetting(PostgresServer server, String value) {
        await().until(() -> value.equals(server.query("app", "show synchronous_standby_names")));
    }

    private static int xid(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
            rows.next();
            return (int) rows.getLong(1);
        }
    }

    private static void all(List<Uni<HandlerResult>> answers) {
        for (Uni<HandlerResult> answer : answers) {
            var _ = get(answer);
        }
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(60));
    }

    /** A table of three roles, and a handler that caches it. */
    private static final class Scene implements AutoCloseable {
        private final TestPool pool;
        private final TestRedis redis;
        private final Connection connection;
        private final Statement statement;
        private final String key;
        private final AnswerCache handler;
        private final AtomicInteger refreshes = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();

        static Scene shared(String query) throws SQLException {
            return shared(query, "");
        }

        static Scene shared(String query, String rest) throws SQLException {
            return new Scene(
                    SharedServers.freshDatabase(),
                    SharedServers.postgres(),
                    SharedServers.redis(),
                    query,
                    rest);
        }

        static Scene of(String url, PostgresServer server, RedisServer redis, String query)
                throws SQLException {
            return new Scene(url, server, redis, query, "");
        }

        private Scene(
                String url, PostgresServer server, RedisServer redis, String query, String rest)
                throws SQLException {
            this.key = "master:roles:" + KEYS.incrementAndGet();
            this.pool = TestPool.of(url);
            this.redis = TestRedis.of(redis);
            this.connection = server.open(url.substring(url.lastIndexOf('/') + 1));
            this.statement = connection.createStatement();
            statement.execute("create table roles (id int primary key, name text)");
            statement.execute("insert into roles values (1, 'a'), (2, 'b'), (3, 'c')");
            statement.execute("grant select on roles to app");
            Rule rule =
                    new Rule(
                            "roles",
                            "cache",
                            "main",
                            new Filter(
                                    List.of(TablePattern.parse("roles")),
                                    EnumSet.allOf(Operation.class)),
                            new Rule.Retry(Duration.ofMillis(20), Duration.ofMillis(200)));
            CacheSpec.Form.Answer answer =
                    new CacheSpec.Form.Answer(Template.parse(query).sql(), false);
            CacheSpec spec =
                    new CacheSpec(
                            answer,
                            List.of(Template.parse(key + rest)),
                            null,
                            Duration.ofHours(24),
                            List.of(),
                            true);
            RefreshMeter meter =
                    new RefreshMeter() {
                        @Override
                        public void refreshed(Reason reason) {
                            refreshes.incrementAndGet();
                        }

                        @Override
                        public void failed() {
                            failures.incrementAndGet();
                        }

                        @Override
                        public void written(boolean taken) {
                            // not looked at
                        }
                    };
            this.handler =
                    new AnswerCache(
                            rule,
                            spec,
                            answer,
                            TestTools.of(
                                    pool,
                                    this.redis,
                                    List.of(ROLES.relation()),
                                    meter,
                                    Duration.ofMillis(500)));
        }

        /** Changes a row in a transaction of its own, whose number it returns. */
        int update(int id, String name) throws SQLException {
            try (var rows =
                    statement.executeQuery(
                            "update roles set name = '"
                                    + name
                                    + "' where id = "
                                    + id
                                    + " returning pg_current_xact_id()::xid::text::bigint")) {
                rows.next();
                return (int) rows.getLong(1);
            }
        }

        /** Tells the handler of a change, at once, and not only when somebody waits for it. */
        Uni<HandlerResult> changed(int xid) {
            Uni<HandlerResult> answer =
                    handler.handle(ROLES.update(xid, null, ROLES.row("1", "x")))
                            .onFailure()
                            .retry()
                            .withBackOff(Duration.ofMillis(50), Duration.ofMillis(200))
                            .indefinitely()
                            .invoke(done::incrementAndGet)
                            .memoize()
                            .indefinitely();
            answer.subscribe().with(result -> {});
            return answer;
        }

        int refreshes() {
            return refreshes.get();
        }

        int failures() {
            return failures.get();
        }

        int done() {
            return done.get();
        }

        @Nullable String cached() {
            return cached("");
        }

        @Nullable String cached(String rest) {
            return redis.ask(Command.GET, key + rest);
        }

        /** What is known of the value, or of its absence. */
        String record() {
            return String.valueOf(redis.ask(Command.GET, CacheKeys.fence(key)));
        }

        String table() throws SQLException {
            try (var rows =
                    statement.executeQuery(
                            "select jsonb_agg(to_jsonb(q))::text from (" + QUERY + ") q")) {
                rows.next();
                return rows.getString(1);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
            redis.close();
            pool.close();
        }
    }
}
