package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A row cache between a real PostgreSQL and a real Redis; the test says what the log would. */
@Tag("redis")
class RowCacheTest {
    private static final SampleTable LISTINGS =
            SampleTable.of("public.listings", ReplicaIdentity.DEFAULT, "id*", "seller", "text");

    private final String prefix = "l" + UUID.randomUUID().toString().substring(0, 8);
    private final AtomicInteger rereads = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private TestPool pool;
    private TestRedis redis;
    private Connection connection;
    private Statement statement;
    private KeptCache cache;
    private Tools tools;

    @BeforeEach
    void open() throws SQLException {
        String url = SharedServers.freshDatabase();
        pool = TestPool.of(url);
        redis = TestRedis.of(SharedServers.redis());
        connection = SharedServers.postgres().open(url.substring(url.lastIndexOf('/') + 1));
        statement = connection.createStatement();
        statement.execute("create table listings (id text primary key, seller text, text text)");
        statement.execute("grant select on listings to app");
        tools = newTools();
        get(tools.redis().vouch("main", 1, "all"));
        cache = row(List.of(Template.parse(prefix + ":{id}")), List.of(), null);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        redis.close();
        pool.close();
    }

    private KeptCache row(List<Template> keys, List<Template> tags, @Nullable Duration ttl) {
        Duration day = Duration.ofHours(24);
        CacheSpec spec = new CacheSpec(new CacheSpec.Form.TheRow(), keys, ttl, day, tags, true);
        KeptCache row = new RowCache(rule(prefix), spec, tools);
        row.follow(new LogIdentity("7", 1, 1));
        return row;
    }

    private Tools newTools() {
        return TestTools.of(
                pool,
                redis,
                List.of(LISTINGS.relation()),
                new RefreshMeter() {
                    @Override
                    public void refreshed(Reason reason) {
                        rereads.incrementAndGet();
                    }

                    @Override
                    public void failed() {
                        // not looked at
                    }

                    @Override
                    public void written(boolean taken) {
                        if (!taken) {
                            refused.incrementAndGet();
                        }
                    }
                },
                Duration.ofSeconds(10));
    }

    private static Rule rule(String name) {
        Filter filter =
                new Filter(List.of(TablePattern.parse("listings")), EnumSet.allOf(Operation.class));
        return new Rule(name, "cache", "main", filter, Rule.Retry.DEFAULT);
    }

    private int xid(String sql) throws SQLException {
        connection.setAutoCommit(false);
        statement.execute(sql);
        try (var rows = statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
            rows.next();
            int xid = (int) rows.getLong(1);
            connection.commit();
            connection.setAutoCommit(true);
            return xid;
        }
    }

    private static <T> T get(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(30));
    }

    private HandlerResult handle(RowChange change) {
        return get(cache.handle(change));
    }

    private @Nullable String cached(String key) {
        return "0".equals(redis.ask(Command.EXISTS, prefix + ":" + key))
                ? null
                : redis.ask(Command.GET, prefix + ":" + key);
    }

    @Test
    void aRowIsCachedAsToJsonbWritesIt() throws SQLException {
        int xid = xid("insert into listings values ('1', 'ann', 'a \"b\"')");
        assertThat(handle(LISTINGS.insert(xid, LISTINGS.row("1", "ann", "a \"b\""))).toString())
                .isEqualTo("cached key=" + prefix + ":1");
        assertThat(cached("1"))
                .isEqualTo("{\"id\": \"1\", \"text\": \"a \\\"b\\\"\", \"seller\": \"ann\"}");
        assertThat(get(cache.compare(prefix + ":1")).same()).isTrue();
        assertThat(rereads.get()).isZero();
    }

    @Test
    void f55_anUnchangedLargeValueIsReadAndKept() throws SQLException {
        String large = "x".repeat(100_000);
        var _ = xid("insert into listings values ('1', 'ann', '" + large + "')");
        int xid = xid("update listings set seller = 'bob'");
        var _ = handle(LISTINGS.update(xid, null, LISTINGS.row("1", "bob", SampleTable.ABSENT)));
        assertThat(cached("1")).contains("bob").contains(large);
        assertThat(rereads.get()).isEqualTo(1);
    }

    @Test
    void aRowThatMovesLeavesItsOldKey() throws SQLException {
        int first = xid("insert into listings values ('1', 'ann', 't')");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "ann", "t")));
        int second = xid("update listings set id = '2'");
        HandlerResult moved =
                handle(
                        LISTINGS.update(
                                second,
                                LISTINGS.row("1", SampleTable.ABSENT, SampleTable.ABSENT),
                                LISTINGS.row("2", "ann", "t")));
        assertThat(moved.toString())
                .isEqualTo("cached key=" + prefix + ":2 removed=" + prefix + ":1");
        assertThat(cached("1")).isNull();
        assertThat(cached("2")).contains("ann");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "ann", "t")));
        assertThat(cached("1")).as("told again").isNull();
        assertThat(refused.get()).isEqualTo(1);
        assertThat(get(tools.redis().count(prefix))).isEqualTo(1);
    }

    @Test
    void whileItOnlyTakesKeysAwayNothingIsKeptAndNothingOlderComesBack() throws SQLException {
        int first = xid("insert into listings values ('1', 'ann', 't')");
        RowChange inserted = LISTINGS.insert(first, LISTINGS.row("1", "ann", "t"));
        var _ = handle(inserted);
        cache.invalidateOnly(true);
        int second = xid("update listings set seller = 'bob'");
        RowChange updated = LISTINGS.update(second, null, LISTINGS.row("1", "bob", "t"));
        assertThat(handle(updated).toString()).isEqualTo("invalidated key=" + prefix + ":1");
        assertThat(cached("1")).isNull();
        assertThat(get(tools.redis().count(prefix))).as("a fill knows of it").isOne();

        cache.invalidateOnly(false);
        var _ = handle(inserted);
        assertThat(cached("1")).as("told again, too late").isNull();
        assertThat(rereads.get()).isZero();
        var _ = get(cache.rebuild());
        assertThat(cached("1")).contains("bob");
    }

    @Test
    void f63_aRowThatIsGoneLeavesOnlyWhenOthersCanSeeThat() throws Exception {
        int first = xid("insert into listings values ('1', 'ann', 't')");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "ann", "t")));
        connection.setAutoCommit(false);
        statement.execute("delete from listings");
        int second;
        try (var rows = statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
            rows.next();
            second = (int) rows.getLong(1);
        }
        RowChange gone =
                LISTINGS.delete(second, LISTINGS.row("1", SampleTable.ABSENT, SampleTable.ABSENT));
        var answer = cache.handle(gone).subscribeAsCompletionStage();
        Thread.sleep(100);
        assertThat(answer).isNotDone();
        assertThat(cached("1")).contains("ann");
        connection.commit();
        connection.setAutoCommit(true);
        assertThat(answer.join().toString()).isEqualTo("removed key=" + prefix + ":1");
        assertThat(cached("1")).isNull();
    }

    @Test
    void f64_aTruncateRemovesEveryKeyOfTheRule() throws SQLException {
        for (int i = 0; i < 100; i++) {
            var _ = handle(LISTINGS.insert(10 + i, LISTINGS.row("" + i, "ann", "t")));
        }
        int xid = xid("truncate listings");
        assertThat(handle(LISTINGS.truncate(xid)).toString()).isEqualTo("emptied keys=100");
        assertThat(cached("7")).isNull();
        assertThat(get(tools.redis().count(prefix))).isZero();
        int next = xid("insert into listings values ('7', 'x', 'y')");
        var _ = handle(LISTINGS.insert(next, LISTINGS.row("7", "x", "y")));
        assertThat(cached("7")).isNotNull();
    }

    @Test
    void aFillWritesEveryRowAndTakesAwayWhatIsNoRow() throws SQLException {
        var _ = handle(LISTINGS.insert(5, LISTINGS.row("lost", "ann", "t")));
        statement.execute(
                "insert into listings select n, 'seller ' || n, null from generate_series(1, 1200) n");
        assertThat(get(cache.rebuild()).toString()).isEqualTo("rebuilt keys=1200");
        assertThat(cached("1200"))
                .isEqualTo("{\"id\": \"1200\", \"text\": null, \"seller\": \"seller 1200\"}");
        assertThat(cached("lost")).isNull();
        assertThat(get(tools.redis().count(prefix))).isEqualTo(1200);
        assertThat(cache.fills().progress().done()).isEqualTo(1200);
        assertThat(cache.fills().progress().running()).isNull();
    }

    @Test
    void f68_whatAFillHasSeenDoesNotComeBackAfterIt() throws SQLException {
        int first = xid("insert into listings values ('1', 'one', 't')");
        int second = xid("update listings set seller = 'two'");
        var _ = get(cache.rebuild());
        assertThat(cached("1")).contains("two");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "one", "t")));
        assertThat(cached("1")).contains("two");
        var _ = handle(LISTINGS.update(second, null, LISTINGS.row("1", "two", "t")));
        int third = xid("update listings set seller = 'three'");
        var _ = handle(LISTINGS.update(third, null, LISTINGS.row("1", "three", "t")));
        assertThat(cached("1")).contains("three");
        assertThat(refused.get()).as("both, and the sweep").isEqualTo(3);
    }

    @Test
    void tagsFollowTheRow() throws SQLException {
        cache =
                row(
                        List.of(Template.parse(prefix + ":{id}")),
                        List.of(Template.parse(prefix + "-seller:{seller}")),
                        null);
        var _ = handle(LISTINGS.insert(5, LISTINGS.row("1", "ann", "t")));
        var _ = handle(LISTINGS.insert(6, LISTINGS.row("2", "bob", "t")));
        var _ = handle(LISTINGS.update(7, null, LISTINGS.row("2", "ann", "t")));
        assertThat(get(tools.redis().tagged(prefix + "-seller:ann").collect().asSet()))
                .containsExactlyInAnyOrder(prefix + ":1", prefix + ":2");
        assertThat(get(tools.redis().tagged(prefix + "-seller:bob").collect().asSet())).isEmpty();
    }

    @Test
    void oddValuesMakeKeysThatDifferAndComeBackFromThem() throws SQLException {
        for (String odd : List.of("a:b", "a%3Ab", "*", "{}", "\r\n", " ", "\uD83D\uDE80", "")) {
            int xid = xid("insert into listings values ('" + odd + "', 'x', 'y')");
            var _ = handle(LISTINGS.insert(xid, LISTINGS.row(odd, "x", "y")));
        }
        assertThat(get(tools.redis().count(prefix))).isEqualTo(8);
        var _ = get(cache.rebuild());
        assertThat(get(tools.redis().count(prefix))).isEqualTo(8);
        for (String key : get(tools.redis().keys(prefix).collect().asSet())) {
            assertThat(get(cache.compare(key)).same()).as(key).isTrue();
        }
    }

    @Test
    void aTableThatChangesItsShapeIsFilledAgain() throws SQLException {
        int first = xid("insert into listings values ('1', 'one', 't'), ('2', 'two', 't')");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "one", "t")));
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("2", "two", "t")));
        statement.execute("alter table listings add price text default '7'");
        SampleTable wider =
                SampleTable.of(
                        "public.listings",
                        ReplicaIdentity.DEFAULT,
                        "id*",
                        "seller",
                        "text",
                        "price");
        int second = xid("update listings set seller = 'three' where id = '1'");
        var _ = handle(wider.update(second, null, wider.row("1", "three", "t", "7")));
        await().untilAsserted(() -> assertThat(cached("2")).contains("\"price\": \"7\""));
    }

    @Test
    void anAncientChangeReadsItsRowAsItsTombstoneMayBeForgotten() throws SQLException {
        Duration second = Duration.ofSeconds(5);
        CacheSpec spec =
                new CacheSpec(
                        new CacheSpec.Form.TheRow(),
                        List.of(Template.parse(prefix + ":{id}")),
                        null,
                        second,
                        List.of(),
                        true);
        cache = new RowCache(rule(prefix), spec, tools);
        cache.follow(new LogIdentity("7", 1, 1));
        int first = xid("insert into listings values ('1', 'one', 't')");
        var _ = xid("delete from listings");
        var _ = handle(LISTINGS.insert(first, LISTINGS.row("1", "one", "t")));
        assertThat(cached("1")).isNull();
        assertThat(rereads.get()).isEqualTo(1);
    }

    @Test
    void whatIsReplayedReadsItsRowsAndWritesNoHistory() throws SQLException {
        int xid = xid("insert into listings values ('1', 'now', 't'), ('2', 'too', 't')");
        redis.tell(Command.FLUSHDB);
        get(tools.redis().vouch("main", 1, "all"));
        HandlerResult written = replay(LISTINGS.update(5, null, LISTINGS.row("1", "then", "t")));
        assertThat(written.toString()).isEqualTo("refreshed key=" + prefix + ":1");
        assertThat(cached("1")).contains("now");

        var _ = handle(LISTINGS.insert(xid, LISTINGS.row("2", "too", "t")));
        redis.tell(Command.DEL, "wal-monitor:lsn:{" + prefix + ":2}");
        RowChange gone =
                LISTINGS.delete(6, LISTINGS.row("2", SampleTable.ABSENT, SampleTable.ABSENT));
        var _ = replay(gone);
        assertThat(cached("2")).as("there is such a row now").contains("too");
        assertThat(replay(LISTINGS.truncate(7)).toString()).isEqualTo("rebuilt keys=2");
        assertThat(cached("1")).contains("now");
        assertThat(cached("2")).contains("too");
    }

    private HandlerResult replay(RowChange change) {
        return handle(change.in(change.transaction().as(Delivery.REPLAY)));
    }

    @Test
    void anEvictingRuleEndsALeaseOnceTheChangeCanBeSeen() throws SQLException {
        CacheSpec spec =
                new CacheSpec(
                        new CacheSpec.Form.Nothing(),
                        List.of(Template.parse(prefix + ":{id}")),
                        null,
                        Duration.ofHours(24),
                        List.of(),
                        true);
        cache = new EvictCache(rule(prefix), spec, tools);
        var lease = get(tools.redis().lease(prefix + ":1", Duration.ofSeconds(30)));
        int xid = xid("insert into listings values ('1', 'one', 't')");
        RowChange change = LISTINGS.insert(xid, LISTINGS.row("1", "one", "t"));
        assertThat(handle(change).toString()).isEqualTo("evicted key=" + prefix + ":1");
        assertThat(
                        get(
                                tools.redis()
                                        .fill(
                                                prefix,
                                                prefix + ":1",
                                                Objects.requireNonNull(lease.token()),
                                                "old",
                                                null)))
                .isFalse();
        var next = get(tools.redis().lease(prefix + ":1", Duration.ofSeconds(30)));
        assertThat(
                        get(
                                tools.redis()
                                        .fill(
                                                prefix,
                                                prefix + ":1",
                                                Objects.requireNonNull(next.token()),
                                                "new",
                                                null)))
                .isTrue();
        var _ = handle(change);
        assertThat(cached("1")).as("told again, evicted once").isEqualTo("new");
        assertThat(redis.ask(Command.EXISTS, CacheKeys.lease(prefix + ":1"))).isEqualTo("0");
    }
}
