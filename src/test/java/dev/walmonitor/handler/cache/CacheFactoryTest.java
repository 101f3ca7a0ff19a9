package dev.walmonitor.handler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.redis.TestRedis;
import dev.walmonitor.sink.sql.TestPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.mutiny.redis.client.Command;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class CacheFactoryTest {
    private static final Set<Operation> ROWS =
            EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
    private static final SampleTable BY_KEY =
            SampleTable.of("public.listings", ReplicaIdentity.DEFAULT, "id*", "seller_id");

    private static final TestPool POOL = TestPool.of(SharedServers.freshDatabase());
    private static final TestRedis REDIS = TestRedis.of(SharedServers.redis());
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @AfterAll
    static void close() {
        POOL.close();
        REDIS.close();
    }

    private static final String NEEDS =
            " a cache needs a key and a query, or a key and value: row or value: evict.";

    @Test
    void aRuleThatCanWorkHasNoFault() {
        assertThat(check("r: { cache: { key: \"a:b\", query: \"select 1 as x\", ttl: 24h } }"))
                .isEmpty();
        assertThat(check("r: { cache: { key: \"a:{id}\", query: \"select {id} as x\" } }", ROWS))
                .isEmpty();
    }

    @Test
    void whatIsMissingIsTold() {
        assertThat(check("r: { cache: { ttl: 1h } }"))
                .containsExactly(
                        "Rule \"r\": cache.key is missing;" + NEEDS,
                        "Rule \"r\": cache.query is missing;" + NEEDS);
        assertThat(check("r: { tables: a }")).hasSize(2);
    }

    @Test
    void whatCannotBeReadIsTold() {
        assertThat(check("r: { cache: { key: \"a:{id\", query: \"select 1 as x\", ttl: long } }"))
                .containsExactly(
                        "Rule \"r\": cache.key cannot be read: There is a \"{\" without its \"}\" (a"
                                + " literal one is written {{) at character 3 of \"a:{id\".",
                        "Rule \"r\": cache.ttl is no duration: \"long\". Write one such as 30s or"
                                + " 24h.");
        assertThat(check("r: { cache: { key: a, query: \"select 1 as x\", ttl: 10ms } }"))
                .containsExactly("Rule \"r\": cache.ttl is 10ms; it has to be a second or more.");
    }

    @Test
    void aKeyThatCannotTellRowsApartIsTold() {
        assertThat(
                        check(
                                "r: { cache: { key: \"a:{id}{seller_id}\", query: \"select 1 as x\" } }",
                                ROWS))
                .contains(
                        "Rule \"r\": cache.key would not tell rows apart: {id} and {seller_id} could"
                                + " run into one another; put a \":\" between them.");
    }

    @Test
    void aQueryWithAValueThatTheKeyLacksIsTold() {
        assertThat(check("r: { cache: { key: \"a:b\", query: \"select 1 as x where {id} = 1\" } }"))
                .containsExactly(
                        "Rule \"r\": cache.query uses {id}, which is not in cache.key; put it into"
                                + " the key too, as one key holds the answer to one query.");
    }

    @Test
    void aKeyNeedsItsColumnsInTheOldRowToo() {
        assertThat(
                        check(
                                "r: { cache: { key: \"a:{seller_id}\", query: \"select {seller_id} as x\" } }",
                                EnumSet.of(Operation.INSERT, Operation.UPDATE)))
                .containsExactly(
                        "Rule \"r\": it needs the old seller_id of an UPDATE, which table"
                                + " public.listings does not send. Mend it with: ALTER TABLE"
                                + " public.listings REPLICA IDENTITY FULL;");
    }

    @Test
    void whatTheDatabaseRefusesIsTold() {
        assertThat(check("r: { cache: { key: a, query: \"select nope from nowhere\" } }"))
                .containsExactly(
                        "Rule \"r\": cache.query cannot be used: A query of the database of source"
                                + " main failed: relation \"nowhere\" does not exist (42P01). Correct"
                                + " the query, or what it needs in the database.");
    }

    @Test
    void twoRulesWithOneKeyAreTold() {
        String rules =
                """
                a: { cache: { key: "k", query: "select 1 as x" } }
                r: { cache: { key: "k", query: "select 2 as x" } }
                """;
        assertThat(check(rules))
                .containsExactly(
                        "Rule \"r\": its key is that of rule \"a\" too; give each rule a key of its"
                                + " own.");
        assertThat(check("a", rules, EnumSet.allOf(Operation.class))).isEmpty();
    }

    @Test
    void theHandlerKeepsItsKeyAndCountsWhy() {
        String rules = "r: { cache: { key: \"factory:k\", query: \"select 7 as x\", ttl: 1h } }";
        ChangeHandler handler = factory(rules).create(rule("r", EnumSet.allOf(Operation.class)));
        assertThat(refreshed("warm")).isZero();
        HandlerResult warm = handler.warm().await().atMost(Duration.ofSeconds(20));
        HandlerResult covered =
                handler.handle(BY_KEY.truncate(3)).await().atMost(Duration.ofSeconds(20));

        assertThat(handler.ordered()).isFalse();
        assertThat(warm.toString()).isEqualTo("refreshed key=factory:k rows=1");
        assertThat(covered).isEqualTo(warm);
        assertThat(REDIS.ask(Command.GET, "factory:k")).isEqualTo("[{\"x\": 7}]");
        assertThat(Long.parseLong(String.valueOf(REDIS.ask(Command.PTTL, "factory:k"))))
                .isBetween(3_200_000L, 3_600_000L);
        assertThat(refreshed("warm")).isEqualTo(1);
        assertThat(refreshed("change")).isEqualTo(1);
        assertThat(refreshed("ttl")).isZero();
    }

    @Test
    void aRowNeedsOneTableAndAKeyThatTellsItsRowsApart() {
        assertThat(check("r: { cache: { key: \"a:{id}\", value: row } }")).isEmpty();
        assertThat(check("r: { cache: { key: \"a\", value: row } }"))
                .containsExactly(
                        "Rule \"r\": cache.key is the same for every row; name the columns that tell"
                                + " rows apart, for example listing:{id}.");
        assertThat(check("r: { cache: { key: \"a:{before.id}\", value: row } }"))
                .containsExactly(
                        "Rule \"r\": cache.key uses {before.id}; a row is kept under its own"
                                + " columns: write {id}.");
        assertThat(
                        check(
                                "r: { cache: { key: \"a:{seller_id}\", value: row } }",
                                EnumSet.of(Operation.INSERT)))
                .containsExactly(
                        "Rule \"r\": several rows of public.listings may share the key"
                                + " a:{seller_id}; name the columns of its primary key, or of a"
                                + " unique index, or keep a query's answer instead.");
        assertThat(check("r: { cache: { key: \"a:{id}\", value: row, query: \"select 1\" } }"))
                .containsExactly(
                        "Rule \"r\": cache.query is given; a row needs none: leave it out.");
    }

    @Test
    void whatARuleCannotMeanIsTold() {
        assertThat(check("r: { cache: { key: \"a:{id}\", value: rows } }"))
                .containsExactly("Rule \"r\": cache.value is \"rows\"; did you mean \"row\"?");
        assertThat(check("r: { cache: { key: \"a:{id}\", value: evict, ttl: 1h } }"))
                .containsExactly("Rule \"r\": cache.ttl is given; nothing is kept: leave it out.");
        assertThat(check("r: { cache: { key: \"a:}}{id}\", value: evict } }"))
                .containsExactly(
                        "Rule \"r\": cache.key has a brace that belongs to no hash tag; leave it"
                                + " out, or write {{…}} around the part that chooses a cluster's"
                                + " slot.");
        assertThat(check("r: { cache: { key: a, query: \"select 1 as x\", single: maybe } }"))
                .containsExactly("Rule \"r\": cache.single is \"maybe\"; write true or false.");
        assertThat(check("r: { cache: { value: evict, tags: [\"seller:{id}\"] } }")).isEmpty();
    }

    @Test
    void aRuleTellsWhatItWouldDo() {
        String rules =
                """
                r: { cache: { keys: ["a:{id}", "b:{seller_id}"], value: row } }
                e: { cache: { key: "e:{id}", value: evict, tags: ["seller:{seller_id}"] } }
                q: { cache: { key: "q", query: "select 1 as x" } }
                """;
        RowChange moved = BY_KEY.update(3, BY_KEY.row("1", "7"), BY_KEY.row("1", "8"));
        assertThat(preview(rules, "r", moved))
                .containsExactly("write the row to a:1", "write the row to b:8", "remove b:7");
        assertThat(preview(rules, "e", moved))
                .containsExactly(
                        "evict e:1",
                        "evict every key with the tag seller:7",
                        "evict every key with the tag seller:8");
        assertThat(preview(rules, "q", moved)).containsExactly("refresh q by its query");
        assertThat(preview(rules, "r", BY_KEY.truncate(1)))
                .containsExactly("remove every key of the rule");
    }

    private List<String> preview(String rules, String rule, RowChange change) {
        return factory(rules)
                .preview(rule(rule, EnumSet.allOf(Operation.class)), change)
                .await()
                .atMost(Duration.ofSeconds(5));
    }

    private double refreshed(String reason) {
        return registry.get("wal_monitor_cache_refresh")
                .tags("source", "main", "rule", "r", "reason", reason)
                .counter()
                .count();
    }

    private List<String> check(String rules) {
        return check(rules, EnumSet.allOf(Operation.class));
    }

    private List<String> check(String rules, Set<Operation> events) {
        return check("r", rules, events);
    }

    private List<String> check(String rule, String rules, Set<Operation> events) {
        List<Relation> tables = List.of(BY_KEY.relation());
        return factory(rules)
                .check(rule(rule, events), tables)
                .await()
                .atMost(Duration.ofSeconds(20))
                .stream()
                .map(Fault::message)
                .toList();
    }

    private static Rule rule(String name, Set<Operation> events) {
        Filter filter = new Filter(List.of(TablePattern.parse("listings")), events);
        return new Rule(name, "cache", "main", filter, Rule.Retry.DEFAULT);
    }

    private CacheFactory factory(String rules) {
        return new CacheFactory(
                RulesYaml.of(rules).text(),
                () -> source -> POOL.queries(),
                REDIS.cache(),
                new RunningCaches(REDIS.cache(), Duration.ofHours(1), source -> true),
                POOL.vertx(),
                registry);
    }
}
