package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.redis.CacheStore.Kept;
import dev.walmonitor.sink.redis.CacheStore.Lease;
import dev.walmonitor.sink.redis.CacheStore.Put;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class CacheStoreTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static TestRedis redis;
    private static CacheStore cache;
    private String key = "";

    @BeforeAll
    static void connect() {
        redis = TestRedis.of(SharedServers.redis());
        cache = redis.cache();
        await(cache.vouch("s", 1, "all"));
    }

    @AfterAll
    static void disconnect() {
        redis.close();
    }

    @BeforeEach
    void freshKey() {
        key = "item:" + UUID.randomUUID();
    }

    private static <T> T await(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(10));
    }

    private boolean put(@Nullable String value, Fence fence, String... tags) {
        CacheEntry entry = new CacheEntry("s", "r", key, value, null, DAY, List.of(tags));
        return await(cache.put(entry, fence)) == Put.TAKEN;
    }

    private @Nullable String value() {
        return value(key);
    }

    private static @Nullable String value(String of) {
        return cache.get(of).await().atMost(Duration.ofSeconds(10));
    }

    private static String token(Lease lease) {
        return Objects.requireNonNull(lease.token());
    }

    private static Fence change(long position, int ordinal, int xid) {
        return new Fence.Change(1, position, ordinal, xid);
    }

    private static Fence sight(String snapshot) {
        return new Fence.Sight(1, snapshot);
    }

    @Test
    void f68_anOlderChangeNeverReplacesANewerOne() {
        assertThat(put("new", change(20, 0, 101))).isTrue();
        assertThat(put("old", change(10, 5, 100))).isFalse();
        assertThat(put("older ordinal", change(20, 0, 101))).as("the same again").isTrue();
        assertThat(put("new", change(20, 1, 101))).isTrue();
        assertThat(put("old", change(20, 0, 101))).isFalse();
        assertThat(value()).isEqualTo("new");
    }

    @Test
    void positionsAreComparedUnsigned() {
        assertThat(put("below", change(Long.MAX_VALUE, 0, 1))).isTrue();
        assertThat(put("above", change(Long.MIN_VALUE, 0, 1))).isTrue();
        assertThat(put("below", change(1, 0, 1))).isFalse();
        assertThat(put("end", change(-1, 0, 1))).isTrue();
        assertThat(put("beyond doubles", change(-2, -1, 1))).isFalse();
        assertThat(value()).isEqualTo("end");
    }

    @Test
    void aLaterEpochBeatsEveryPositionOfAnEarlierOne() {
        assertThat(put("first", new Fence.Change(1, 900, 0, 5))).isTrue();
        assertThat(put("second", new Fence.Change(2, 10, 0, 3))).isTrue();
        assertThat(put("first", new Fence.Change(1, 901, 0, 6))).isFalse();
        assertThat(put("read", new Fence.Sight(1, "900:900:"))).isFalse();
        assertThat(put("read", new Fence.Sight(3, "2:2:"))).isTrue();
        assertThat(value()).isEqualTo("read");
    }

    @Test
    void aTombstoneKeepsWhatIsOlderAway() {
        assertThat(put("there", change(10, 0, 100))).isTrue();
        assertThat(put(null, change(20, 0, 101))).isTrue();
        assertThat(put("there", change(10, 0, 100))).isFalse();
        assertThat(value()).isNull();
        assertThat(Long.parseLong(redis.ask(Command.PTTL, CacheKeys.fence(key))))
                .isBetween(1L, DAY.toMillis());
        assertThat(put("again", change(30, 0, 102))).isTrue();
        assertThat(redis.ask(Command.PTTL, CacheKeys.fence(key))).isEqualTo("-1");
    }

    @Test
    void aRowThatWasReadIsLaterThanTheChangesThatItsSnapshotSees() {
        assertThat(put("read", sight("100:110:103,105"))).isTrue();
        assertThat(put("seen", change(50, 0, 99))).as("before xmin").isFalse();
        assertThat(put("seen", change(51, 0, 104))).as("neither running").isFalse();
        assertThat(put("ran", change(52, 0, 103))).as("ran then").isTrue();
        assertThat(value()).isEqualTo("ran");
    }

    @Test
    void aTransactionBehindTheSnapshotIsNotSeenEvenIfItsNumberBeganAnew() {
        assertThat(put("read", sight("4294967290:4294967300:"))).isTrue();
        assertThat(put("seen", change(50, 0, -3))).as("4294967293").isFalse();
        assertThat(put("seen", change(51, 0, 3))).as("4294967299").isFalse();
        assertThat(put("later", change(52, 0, 4))).as("4294967300").isTrue();
    }

    @Test
    void aRowThatWasReadWithoutTheLastChangeIsRefused() {
        assertThat(put("changed", change(50, 0, 105))).isTrue();
        assertThat(put("read", sight("100:110:105"))).isFalse();
        assertThat(put("read", sight("100:105:"))).isFalse();
        assertThat(put("read", sight("106:110:"))).isTrue();
        assertThat(put("changed", change(50, 0, 105))).as("it was seen").isFalse();
        assertThat(put("next", change(60, 0, 111))).isTrue();
    }

    @Test
    void ofTwoReadsTheLaterOneStays() {
        assertThat(put("second", sight("100:110:103"))).isTrue();
        assertThat(put("first", sight("100:110:103,104"))).isFalse();
        assertThat(put("first", sight("100:109:"))).isFalse();
        assertThat(put("same", sight("100:110:103"))).isTrue();
        assertThat(put(null, sight("100:110:103"))).as("swept at the same moment").isFalse();
        assertThat(put(null, sight("100:111:"))).isTrue();
        assertThat(value()).isNull();
    }

    @Test
    void ofTwoAnswersTheLaterSnapshotStays() {
        assertThat(put("b", new Fence.Answer(1, "100:110:103"))).isTrue();
        assertThat(put("a", new Fence.Answer(1, "100:110:103,104"))).isFalse();
        assertThat(put("a", new Fence.Answer(1, "99:109:"))).isFalse();
        assertThat(put("same", new Fence.Answer(1, "100:110:103"))).isTrue();
        assertThat(put("c", new Fence.Answer(1, "110:110:"))).isTrue();
        assertThat(put("d", new Fence.Answer(1, "110:1000:"))).isTrue();
        assertThat(put("c", new Fence.Answer(1, "110:999:"))).as("numbers, not text").isFalse();
        assertThat(value()).isEqualTo("d");
    }

    @Test
    void ofTwoAnswersOfAReplicaTheLaterReplayStays() {
        assertThat(put("b", new Fence.Replayed(1, 200))).isTrue();
        assertThat(put("a", new Fence.Replayed(1, 199))).isFalse();
        assertThat(put("primary", new Fence.Answer(1, "5:5:"))).as("another kind").isTrue();
    }

    /** Whatever the order of writes, retries and reads, the key ends as its row does. */
    @Test
    void f68_everyOrderOfWritesEndsInTheLastState() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            freshKey();
            List<Write> writes = history(random);
            Write last = writes.getLast();
            List<Write> shuffled = new ArrayList<>(writes);
            shuffled.addAll(writes.subList(0, writes.size() / 2)); // replayed
            Collections.shuffle(shuffled, random);
            int newest = -1;
            for (Write write : shuffled) {
                boolean _ = put(write.value, write.fence);
                String now = value();
                int state = now == null ? newest : Integer.parseInt(now);
                assertThat(state).as("seed %d: a step back", seed).isGreaterThanOrEqualTo(newest);
                newest = state;
            }
            assertThat(value()).as("seed %d", seed).isEqualTo(last.value);
        }
    }

    private record Write(@Nullable String value, Fence fence) {}

    /** Changes of one row, and reads of it in between; the transactions began in any order. */
    private static List<Write> history(Random random) {
        List<Write> writes = new ArrayList<>();
        List<Integer> xids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            xids.add(1000 + i);
        }
        Collections.shuffle(xids, random);
        for (int i = 0; i < xids.size(); i++) {
            writes.add(new Write("" + i, change(100 + i, 0, xids.get(i))));
            if (random.nextInt(3) == 0) {
                List<Integer> running = xids.subList(i + 1, xids.size()).stream().sorted().toList();
                String list = String.join(",", running.stream().map(String::valueOf).toList());
                int xmin = running.isEmpty() ? 1012 : running.getFirst();
                writes.add(new Write("" + i, sight(xmin + ":1012:" + list)));
            }
        }
        return writes;
    }

    @Test
    void whateverAValueHoldsComesBack() {
        String odd = "a:b*{}\r\n\0\u0001\"\\ \uD83D\uDE80 é" + "x".repeat(10 << 20);
        key = key + ":{odd}\r\n*";
        assertThat(put(odd, change(1, 0, 1), "tag:" + key.strip().replace("\r\n", ""))).isTrue();
        assertThat(value()).isEqualTo(odd);
    }

    @Test
    void aValueWithATtlIsForgottenAndItsFenceLivesLonger() {
        Duration ttl = Duration.ofSeconds(60);
        Put put =
                await(
                        cache.put(
                                new CacheEntry("s", "r", key, "v", ttl, DAY, List.of()),
                                change(1, 0, 1)));
        assertThat(put).isEqualTo(Put.TAKEN);
        assertThat(Long.parseLong(redis.ask(Command.PTTL, key))).isBetween(1L, 60_000L);
        assertThat(Long.parseLong(redis.ask(Command.PTTL, CacheKeys.fence(key))))
                .isGreaterThan(DAY.toMillis());
    }

    @Test
    void aScriptThatTheServerForgotIsSentAgain() {
        assertThat(put("1", change(1, 0, 1))).isTrue();
        redis.tell(Command.SCRIPT, "FLUSH");
        assertThat(put("2", change(2, 0, 1))).isTrue();
        assertThat(value()).isEqualTo("2");
    }

    @Test
    void everyKeyOfARuleIsOnItsRegister() {
        String rule = "rule " + UUID.randomUUID();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            keys.add(key + ":" + i);
            var _ =
                    await(
                            cache.put(
                                    new CacheEntry(
                                            "s", rule, key + ":" + i, "v", null, DAY, List.of()),
                                    change(1, 0, 1)));
        }
        assertThat(await(cache.keys(rule).collect().asSet()))
                .containsExactlyInAnyOrderElementsOf(keys);
        assertThat(await(cache.count(rule))).isEqualTo(1200);
        assertThat(keys).containsAll(await(cache.sample(rule, 10)));
        await(cache.leaveOut(rule, keys.getFirst()));
        assertThat(await(cache.count(rule))).as("there is a value").isEqualTo(1200);
        redis.tell(Command.DEL, keys.getFirst());
        await(cache.leaveOut(rule, keys.getFirst()));
        assertThat(await(cache.count(rule))).isEqualTo(1199);
    }

    @Test
    void aTagFindsTheKeysThatHaveItNow() {
        String one = "seller:" + UUID.randomUUID();
        String other = "seller:" + UUID.randomUUID();
        String first = key;
        assertThat(put("1", change(1, 0, 1), one, "all")).isTrue();
        freshKey();
        assertThat(put("2", change(1, 0, 1), one)).isTrue();
        assertThat(put("2", change(2, 0, 2), other)).as("it moved").isTrue();
        assertThat(await(cache.tagged(one).collect().asList())).containsExactly(first);
        assertThat(await(cache.evictTag(one))).isEqualTo(1);
        assertThat(value(first)).isNull();
        assertThat(value()).isEqualTo("2");
        key = first;
        assertThat(put("1", change(0, 9, 1))).as("older than what was evicted").isFalse();
    }

    @Test
    void aKeyThatWasEvictedByHandDoesNotGoBack() {
        assertThat(put("2", change(2, 0, 1))).isTrue();
        await(cache.evict(key));
        assertThat(value()).isNull();
        assertThat(put("1", change(1, 0, 1))).isFalse();
        assertThat(put("2", change(2, 0, 1))).isTrue();
    }

    @Test
    void aLeaseIsForOneAndEndsWithAChange() {
        Lease mine = await(cache.lease(key, Duration.ofSeconds(10)));
        assertThat(mine.token()).isNotNull();
        assertThat(await(cache.lease(key, Duration.ofSeconds(10))))
                .isEqualTo(new Lease(null, null));
        assertThat(put(null, change(5, 0, 9))).as("a change comes in between").isTrue();
        assertThat(await(cache.fill("r", key, token(mine), "stale", null))).isFalse();
        assertThat(value()).isNull();
        Lease next = await(cache.lease(key, Duration.ofSeconds(10)));
        assertThat(await(cache.fill("r", key, token(next), "fresh", null))).isTrue();
        assertThat(await(cache.lease(key, Duration.ofSeconds(10))))
                .isEqualTo(new Lease("fresh", null));
        assertThat(await(cache.fill("r", key, token(next), "twice", null))).isFalse();
    }

    @Test
    void aServerThatLostItsSentinelDidNotKeepItsData() {
        String source = "s" + UUID.randomUUID();
        assertThat(await(cache.kept(source, 7, "a"))).isEqualTo(Kept.MISSING);
        await(cache.vouch(source, 7, "a"));
        assertThat(await(cache.kept(source, 7, "a"))).isEqualTo(Kept.KEPT);
        assertThat(await(cache.kept(source, 7, "b"))).isEqualTo(Kept.OTHER);
        assertThat(await(cache.kept(source, 8, "a"))).isEqualTo(Kept.OTHER);
        assertThat(await(cache.kept(source, 6, "a"))).isEqualTo(Kept.LATER);
        await(cache.vouch(source, 6, "a"));
        assertThat(await(cache.kept(source, 7, "a"))).isEqualTo(Kept.KEPT);
        redis.tell(Command.SET, CacheKeys.sentinel(source, 0), "0000 00000000000000000007 a");
        assertThat(await(cache.kept(source, 7, "a"))).isEqualTo(Kept.RESTARTED);
    }

    @Test
    void aServerWithoutItsSentinelTakesNoChangeOfAKeyThatItDoesNotKnow() {
        CacheEntry entry = new CacheEntry("lost", "r", key, "v", null, DAY, List.of());
        assertThat(await(cache.put(entry, change(5, 0, 1)))).isEqualTo(Put.UNSURE);
        assertThat(value()).isNull();
        assertThat(await(cache.put(entry, sight("9:9:")))).isEqualTo(Put.TAKEN);
        assertThat(await(cache.put(entry, change(6, 0, 10)))).isEqualTo(Put.TAKEN);
    }

    @Test
    void whatStandsBesideAKeyIsInItsSlot() {
        assertThat(CacheKeys.fence("a")).isEqualTo("wal-monitor:lsn:{a}");
        assertThat(CacheKeys.fence("x:{7}:y")).isEqualTo("wal-monitor:lsn:x:{7}:y");
        assertThat(CacheKeys.lease("a")).isEqualTo("wal-monitor:lease:{a}");
        assertThat(CacheKeys.isTorn("a}b")).isTrue();
        assertThat(CacheKeys.isTorn("{}a")).isTrue();
        assertThat(CacheKeys.isTorn("{a}b")).isFalse();
        assertThat(CacheKeys.isTorn("a")).isFalse();
    }
}
