package dev.walmonitor.handler.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.Horizon;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Datasources;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Statements;
import dev.walmonitor.sink.sql.TestPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SqlActionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.DEFAULT, "id*", "price");
    private static final SampleTable FULL =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "price");

    private static final String SOURCE = SharedServers.freshDatabase();
    private static final String SHOP = SharedServers.freshDatabase();
    private static final TestPool ASKED = TestPool.of(SOURCE);
    private static final TestPool OWN = TestPool.writing(SOURCE);
    private static final TestPool OTHER = TestPool.writing(SHOP);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx();
    private Optional<Horizon.Place> horizon = Optional.empty();
    private boolean followed = true;
    private final Ledgers ledgers =
            new Ledgers(
                    () -> source -> Uni.createFrom().item(horizon),
                    () -> new Here(),
                    Duration.ZERO,
                    3,
                    vertx,
                    registry);

    private final class Here implements Progress {
        @Override
        public Uni<Boolean> caughtUp(String source, String rule, Duration atMost) {
            return Uni.createFrom().item(true);
        }

        @Override
        public boolean follows(String source) {
            return followed;
        }
    }

    private record Named(Map<String, Statements> all) implements Datasources {
        @Override
        public Set<String> names() {
            return all.keySet();
        }

        @Override
        public Statements of(String name) {
            Statements found = all.get(name);
            if (found == null) {
                throw new IllegalArgumentException(
                        "there is no datasource \"" + name + "\"; " + Nearest.hint(name, names()));
            }
            return found;
        }
    }

    @BeforeAll
    static void tables() {
        for (String url : List.of(SOURCE, SHOP)) {
            SharedServers.execute(
                    url,
                    "create table tickets (id int primary key, price numeric)",
                    "create table sales (id int, before numeric, after numeric)",
                    "create table effect (id int, row int)",
                    "create table big (id int, body text)");
        }
    }

    @AfterAll
    static void close() {
        ASKED.close();
        OWN.close();
        OTHER.close();
    }

    @Test
    void aChangeIsWrittenOnceWithBothItsRows() {
        ChangeHandler handler =
                handler("shop", "insert into sales values ({id}, {before.price}, {price})");
        RowChange change = FULL.update(1, FULL.row("7", "10.00"), FULL.row("7", "9.50"));

        assertThat(handle(handler, change)).isEqualTo("applied datasource=shop rows=1");
        assertThat(handle(handler, change)).isEqualTo("known datasource=shop");
        assertThat(handle(handler, FULL.delete(2, FULL.row("7", "9.50"))))
                .isEqualTo("applied datasource=shop rows=1");
        assertThat(handle(handler, FULL.insert(3, FULL.row("8", null))))
                .isEqualTo("applied datasource=shop rows=1");
        assertThat(ask(SHOP, "select string_agg(s::text, ' ' order by id, before) from sales s"))
                .isEqualTo("(7,9.50,9.50) (7,10.00,9.50) (8,,)");
        assertThat(handler.ordered()).isTrue();
        assertThat(count("applied")).isEqualTo(3);
        assertThat(count("known")).isEqualTo(1);
    }

    @Test
    void aTruncateRunsOnlyWhatNeedsNoRow() {
        RowChange truncate = FULL.truncate(10);

        assertThat(handle(handler("shop", "delete from tickets where id = {id}"), truncate))
                .isEqualTo("skipped datasource=shop");
        assertThat(handle(handler("shop", "delete from tickets"), truncate))
                .isEqualTo("applied datasource=shop rows=0");
    }

    @Test
    void aValueThatWasNotSentIsAFailureThatWaitingDoesNotMend() {
        ChangeHandler handler = handler("shop", "insert into big values ({id}, {price})");
        RowChange change = TICKETS.update(11, null, TICKETS.row("1", SampleTable.ABSENT));

        assertThatThrownBy(() -> handle(handler, change))
                .isInstanceOf(SinkException.class)
                .hasMessage(
                        "The value of {price} was not sent with the UPDATE of public.tickets. Mend it with:"
                                + " ALTER TABLE public.tickets REPLICA IDENTITY FULL")
                .returns(false, failure -> ((SinkException) failure).isRetryable());
    }

    @Test
    void aRuleThatCanWorkHasNoFault() {
        assertThat(faults("shop", "insert into sales values ({id}, {before.price}, {price})", FULL))
                .isEmpty();
        assertThat(faults("shop", "insert into tickets values ({id}, {price})", FULL))
                .as("a copy of the table in another database")
                .isEmpty();
        assertThat(ask(SHOP, "select count(*) from sales where id = -1")).isEqualTo("0");
    }

    @Test
    void whatIsMissingOrMalformedIsTold() {
        assertThat(read("{ datasource: shop }"))
                .containsExactly(
                        "Rule \"r\": sql.statement is missing; write one such as insert into log (id) values"
                                + " ({id}).");
        assertThat(read("{ statement: \"call work({id})\" }"))
                .containsExactly(
                        "Rule \"r\": sql.datasource is missing; write a name below wal-monitor.datasources, or"
                                + " a source's.",
                        "Rule \"r\": sql.statement begins with none of INSERT, UPDATE, DELETE, MERGE, SELECT and"
                                + " WITH; write one of those; a procedure's work can be done by a function.");
        assertThat(read("{ datasource: shop, statement: \"delete from sales where id = {id\" }"))
                .containsExactly(
                        "Rule \"r\": sql.statement cannot be read: There is a \"{\" without its \"}\" (a literal"
                                + " one is written {{) at character 30 of \"delete from sales where id = {id\".");
        assertThat(faults("shp", "delete from sales", FULL))
                .containsExactly(
                        "Rule \"r\": sql.datasource cannot be used: there is no datasource \"shp\"; did you mean"
                                + " \"shop\"?");
    }

    @Test
    void whatTheDatabaseRefusesIsToldBeforeAnythingRuns() {
        assertThat(faults("shop", "insert into sale values ({id})", FULL))
                .containsExactly(
                        "Rule \"r\": sql.statement cannot be used: A statement in the datasource shop failed:"
                                + " relation \"sale\" does not exist (42P01). Correct the statement, or what it"
                                + " needs in the database.");
        assertThat(faults("shop", "insert into sales values ({idd}, {before.price})", TICKETS))
                .containsExactly(
                        "Rule \"r\": table public.tickets has no column \"idd\"; did you mean \"id\"?",
                        "Rule \"r\": it needs the old price of an UPDATE, which table public.tickets does not"
                                + " send. Mend it with: ALTER TABLE public.tickets REPLICA IDENTITY FULL;",
                        "Rule \"r\": it needs the old price of a DELETE, which table public.tickets does not"
                                + " send. Mend it with: ALTER TABLE public.tickets REPLICA IDENTITY FULL; or"
                                + " leave delete out of the rule's events.");
    }

    @Test
    void aRuleMayNotWakeItself() {
        assertThat(faults("main", "update tickets set price = 0 where id = {id}", FULL))
                .containsExactly(
                        "Rule \"r\": sql.statement writes to public.tickets, whose changes wake the rule again;"
                                + " write to another table, or take it out of the rule's tables.");
        assertThat(faults("main", "insert into sales (id) values ({id})", FULL)).isEmpty();
        assertThat(
                        factory(
                                        "{ datasource: seen, statement: \"insert into sales (id) values ({id})\" }")
                                .check(rule("*.wal_monitor_*"), List.of())
                                .await()
                                .atMost(LIMIT)
                                .stream()
                                .map(Fault::message))
                .containsExactly(
                        "Rule \"r\": it watches public.wal_monitor_applied, to which every change it handles"
                                + " adds a row; leave ledger-schema as it is, or take the table out of the"
                                + " rule's tables.");
    }

    @Test
    void aPreviewShowsTheValuesAndRunsNothing() {
        String statement = "insert into effect values ({id}, {price})";
        assertThat(preview(statement, FULL.insert(1, FULL.row("-5", null))))
                .containsExactly(
                        "would run in shop, once:\n" + statement + "\n{id} = -5\n{price} = NULL");
        assertThat(preview(statement, FULL.truncate(1)))
                .containsExactly("would do nothing: a TRUNCATE has no row to take values from.");
        assertThat(ask(SHOP, "select count(*) from effect where id = -5")).isEqualTo("0");
    }

    private List<String> preview(String statement, RowChange change) {
        return factory(yaml("shop", statement))
                .preview(rule("tickets"), change)
                .await()
                .atMost(LIMIT);
    }

    @Test
    void onlyWhatCannotComeAgainIsForgotten() {
        ChangeHandler handler = handler("main", "insert into effect values ({id}, 0)");
        for (int xid = 101; xid <= 110; xid++) {
            assertThat(handle(handler, FULL.insert(xid, FULL.row("0", null))))
                    .startsWith("applied");
        }
        ledgers.prune().await().atMost(LIMIT);
        assertThat(entries()).as("nothing is known").isEqualTo("10");

        horizon = Optional.of(new Horizon.Place(1, new Lsn(0x1000L + 106)));
        followed = false;
        ledgers.prune().await().atMost(LIMIT);
        assertThat(entries()).as("another instance does it").isEqualTo("10");

        followed = true;
        ledgers.prune().await().atMost(LIMIT);
        assertThat(entries()).isEqualTo("5");
        assertThat(handle(handler, FULL.insert(106, FULL.row("0", null)))).startsWith("known");

        horizon = Optional.of(new Horizon.Place(2, new Lsn(1)));
        ledgers.prune().await().atMost(LIMIT);
        assertThat(entries()).as("of an earlier epoch").isEqualTo("0");
        assertThat(
                        registry.get("wal_monitor_ledger_pruned")
                                .tag("datasource", "main")
                                .counter()
                                .count())
                .isEqualTo(10);
    }

    private static String entries() {
        return ask(SOURCE, "select count(*) from wal_monitor.wal_monitor_applied");
    }

    /**
     * 2,000 changes of 50 rows, some of which come again and some at the same time as themselves,
     * while all sessions are killed twenty times.
     */
    @Test
    void everyChangeIsAppliedExactlyOnceWhateverIsKilled() throws InterruptedException {
        int changes = 2_000;
        int kills = 20;
        long seed = Long.getLong("sql.seed", System.nanoTime());
        System.out.println("SqlActionTest seed " + seed);
        Random random = new Random(seed);
        ChangeHandler handler = handler("shop", "insert into effect values ({id}, {price})");
        List<RowChange> deliveries = new ArrayList<>();
        for (int n = 0; n < changes; n++) {
            RowChange change = FULL.insert(10_000 + n, FULL.row("" + n, "" + n % 50));
            for (int times = 1 + random.nextInt(3); times > 0; times--) {
                deliveries.add(change);
            }
        }
        Collections.shuffle(deliveries, random);
        ConcurrentLinkedQueue<RowChange> waiting = new ConcurrentLinkedQueue<>(deliveries);
        AtomicInteger failures = new AtomicInteger();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            workers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (RowChange c = waiting.poll(); c != null; c = waiting.poll()) {
                                    untilDone(handler, c, failures);
                                }
                            }));
        }
        int killed = 0;
        for (int kill = 1; kill <= kills; kill++) {
            int left = deliveries.size() - kill * deliveries.size() / (kills + 1);
            while (waiting.size() > left) {
                Thread.sleep(1);
            }
            killed +=
                    Integer.parseInt(
                            ask(
                                    SHOP,
                                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename ="
                                            + " 'app' and datname = current_database()"));
        }
        for (Thread worker : workers) {
            worker.join(60_000);
        }

        assertThat(waiting).isEmpty();
        assertThat(killed).as("sessions that were killed").isGreaterThanOrEqualTo(kills);
        assertThat(failures).as("attempts that failed").hasPositiveValue();
        assertThat(
                        ask(
                                SHOP,
                                "select count(*) || ' ' || count(distinct id) from effect where id >= 0 and row is not null"))
                .as("seed %s", seed)
                .isEqualTo(changes + " " + changes);
    }

    private static void untilDone(ChangeHandler handler, RowChange change, AtomicInteger failures) {
        while (true) {
            try {
                assertThat(handle(handler, change)).isNotEmpty();
                return;
            } catch (SinkException e) {
                assertThat(e.isRetryable()).as(e.getMessage()).isTrue();
                failures.incrementAndGet();
            }
        }
    }

    private double count(String outcome) {
        return registry.get("wal_monitor_sql_changes").tag("outcome", outcome).counter().count();
    }

    private ChangeHandler handler(String datasource, String statement) {
        return factory(yaml(datasource, statement)).create(rule("tickets"));
    }

    private static String yaml(String datasource, String statement) {
        return "{ datasource: " + datasource + ", statement: \"" + statement + "\" }";
    }

    private List<String> faults(String datasource, String statement, SampleTable table) {
        return factory(yaml(datasource, statement))
                .check(rule("tickets"), List.of(table.relation()))
                .await()
                .atMost(LIMIT)
                .stream()
                .map(Fault::message)
                .toList();
    }

    private List<String> read(String sql) {
        return factory(sql).check(rule("tickets"), List.of()).await().atMost(LIMIT).stream()
                .map(Fault::message)
                .toList();
    }

    private SqlFactory factory(String sql) {
        RulesYaml yaml = RulesYaml.of("r: { tables: tickets, sql: " + sql + " }");
        Datasources datasources =
                new Named(
                        Map.of(
                                "main", OWN.statements(),
                                "seen", OWN.statements("public"),
                                "shop", OTHER.statements()));
        return new SqlFactory(yaml.text(), () -> datasources, Asked::new, ledgers, registry);
    }

    private record Asked() implements QueriesBySource {
        @Override
        public Queries of(String source) {
            return ASKED.queries();
        }
    }

    private static Rule rule(String tables) {
        Filter filter =
                new Filter(List.of(TablePattern.parse(tables)), EnumSet.allOf(Operation.class));
        return new Rule("r", "sql", "main", filter, Rule.Retry.DEFAULT);
    }

    private static String handle(ChangeHandler handler, RowChange change) {
        return handler.handle(change).await().atMost(LIMIT).toString();
    }

    private static String ask(String url, String sql) {
        String database = url.substring(url.lastIndexOf('/') + 1);
        return Objects.requireNonNull(SharedServers.postgres().query(database, sql));
    }
}
