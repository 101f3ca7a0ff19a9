package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheEntry;
import dev.walmonitor.sink.redis.CacheKeys;
import dev.walmonitor.sink.redis.CacheStore;
import dev.walmonitor.sink.redis.Fence;
import dev.walmonitor.sink.redis.TestRedis;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The audit over a cache whose comparisons the test makes up. */
@Tag("redis")
class AuditTest {
    private final String rule = "audit" + UUID.randomUUID();
    private final String key = rule + ":1";
    private final TestRedis redis = TestRedis.of(SharedServers.redis());
    private final CacheStore store = redis.cache();
    private final Deque<KeptCache.Comparison> comparisons = new ArrayDeque<>();
    private final List<String> healed = new ArrayList<>();
    private boolean caughtUp = true;
    private final Progress progress =
            new Progress() {
                @Override
                public Uni<Boolean> caughtUp(String source, String name, Duration atMost) {
                    return Uni.createFrom().item(caughtUp);
                }

                @Override
                public boolean follows(String source) {
                    return true;
                }
            };
    private final Audit audit = new Audit(store, progress, 20);

    @AfterEach
    void close() {
        redis.close();
    }

    private double look(KeptCache.Comparison... all) {
        comparisons.clear();
        comparisons.addAll(List.of(all));
        var _ =
                store.put(
                                new CacheEntry(
                                        "s", rule, key, "v", null, Duration.ofHours(1), List.of()),
                                new Fence.Sight(1, "1:1:"))
                        .await()
                        .atMost(Duration.ofSeconds(10));
        return audit.look(new Made()).await().atMost(Duration.ofSeconds(10));
    }

    private static KeptCache.Comparison differs(String cached, String ought) {
        return new KeptCache.Comparison(cached.equals(ought), cached, ought);
    }

    @Test
    void aKeyThatIsAsTheDatabaseIsIsRight() {
        assertThat(look(differs("a", "a"))).isZero();
        assertThat(healed).isEmpty();
    }

    @Test
    void aKeyThatWasOnlyBehindIsRight() {
        assertThat(look(differs("a", "b"), differs("b", "b"))).isZero();
        assertThat(healed).isEmpty();
    }

    @Test
    void aKeyThatIsStillChangingIsNotJudged() {
        assertThat(look(differs("a", "b"), differs("a", "c"))).isNaN();
        caughtUp = false;
        assertThat(look(differs("a", "b"))).isNaN();
        assertThat(healed).isEmpty();
    }

    @Test
    void aKeyThatStaysDifferentWhileNothingMovesIsWrongAndMadeAnew() {
        assertThat(look(differs("a", "b"), differs("a", "b"))).isEqualTo(1.0);
        assertThat(healed).containsExactly(key + " audit");
    }

    @Test
    void aKeyThatSomebodyTookAwayIsMadeAnewAndNotCounted() {
        assertThat(look(differs("", "b"), differs("", "b"))).isNaN();
        assertThat(healed).hasSize(1);
    }

    @Test
    void aKeyThatIsGoneWithoutATraceIsWrong() {
        assertThat(look(differs("", "b"), differs("", "b"))).isNaN();
        redis.tell(Command.DEL, CacheKeys.fence(key));
        comparisons.addAll(List.of(differs("", "b"), differs("", "b")));
        assertThat(audit.look(new Made()).await().atMost(Duration.ofSeconds(10))).isEqualTo(1.0);
    }

    /** A cache of one key. */
    private final class Made implements KeptCache {
        @Override
        public Rule rule() {
            Filter filter =
                    new Filter(List.of(TablePattern.parse("t")), EnumSet.allOf(Operation.class));
            return new Rule(rule, "cache", "main", filter, Rule.Retry.DEFAULT);
        }

        @Override
        public CacheSpec spec() {
            return new CacheSpec(
                    new CacheSpec.Form.TheRow(),
                    List.of(Template.parse(rule + ":{id}")),
                    null,
                    Duration.ofHours(1),
                    List.of(),
                    true);
        }

        @Override
        public Fills fills() {
            throw new UnsupportedOperationException("the audit fills nothing");
        }

        @Override
        public void follow(LogIdentity log) {
            throw new UnsupportedOperationException("the audit follows nothing");
        }

        @Override
        public Uni<HandlerResult> refresh(String of, Reason reason) {
            healed.add(of + " " + reason.word());
            return Uni.createFrom().item(HandlerResult.NONE);
        }

        @Override
        public Uni<Comparison> compare(String of) {
            return Uni.createFrom().item(comparisons.remove());
        }

        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            throw new UnsupportedOperationException("the audit handles nothing");
        }
    }
}
