package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.monitor.TestNotifications;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import dev.walmonitor.sink.sql.TestPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.qute.Engine;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told together, over a real monitor database; an instance is a desk of its own. */
class DigestTest {
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "status");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Engine QUTE = Engine.builder().addDefaults().build();
    private static final String DIGEST =
            "{ channels: log, to: Ann, title: \"{id} is {status}\", body: b, link:"
                    + " \"https://example.org/{id}\", digest: 30s }";
    private static final String HELD =
            "{ channels: log, title: \"{id} is {status}\", suppress-if-reverted-within: 1m }";

    private final String url = SharedServers.freshDatabase();
    private final TestPool pool = TestPool.writing(url);
    private final AtomicInteger statements = new AtomicInteger();
    private final Notifications store = counting(TestNotifications.of(pool));
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T12:00:00Z"));
    private final List<Message> sent = new CopyOnWriteArrayList<>();
    private volatile boolean following = true;
    private volatile @Nullable SinkException refusal;
    private boolean caughtUp;
    private String channel = "log";

    @BeforeEach
    void tables() {
        TestNotifications.migrate(url);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    /** A service that has the rule. */
    private final class Instance {
        private final Desk desk =
                Desk.of(
                        List.of(channel()),
                        store,
                        () -> progress(),
                        new SimpleMeterRegistry(),
                        now::get,
                        (wait, task) -> {});
        private final ChangeHandler handler;

        Instance(String notify) {
            RulesYaml yaml = RulesYaml.of("r: { tables: tickets, notify: " + notify + " }");
            NotifyFactory factory =
                    new NotifyFactory(
                            yaml.text(),
                            () -> source -> FakeQueries.NONE,
                            List.of(channel()),
                            () -> desk,
                            QUTE);
            Set<Operation> rows = EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
            Filter filter = new Filter(List.of(TablePattern.parse("tickets")), rows);
            handler = factory.create(new Rule("r", "notify", "main", filter, Rule.Retry.DEFAULT));
        }

        void take(RowChange change) {
            HandlerResult result = handler.handle(change).await().atMost(PATIENCE);
            assertThat(result.isEmpty()).isFalse();
        }

        /** Looks until so many messages were sent and nothing of them is left. */
        void deliver(int messages) {
            deliver(messages, 0);
        }

        void deliver(int messages, long left) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        desk.courier().look();
                        assertThat(sent).hasSize(messages);
                        assertThat(members()).isEqualTo(left);
                    });
        }

        /** Looks a while. */
        void lookInVain() {
            for (int i = 0; i < 10; i++) {
                desk.courier().look();
                sleep();
            }
        }
    }

    @Test
    void changesWithinTheTimeAreOneMessage() {
        Instance instance = new Instance(DIGEST);
        for (int i = 1; i <= 12; i++) {
            instance.take(inserted(i));
        }
        instance.lookInVain();
        assertThat(sent).isEmpty();
        pass(30);
        instance.deliver(1);

        Message message = sent.getFirst();
        assertThat(message.title()).isEqualTo("r: 12 changes");
        assertThat(message.body())
                .startsWith("\u2022 1 is open\n\u2022 2 is open\n")
                .endsWith("\u2022 10 is open\n\u2026 and 2 more");
        assertThat(message.link()).isEqualTo("https://example.org/1");
        assertThat(message.to().name()).isEqualTo("Ann");
        assertThat(log()).containsExactly("sent 12 Ann log r: 12 changes main:1:0/1001:0");
        assertThat(instance.handler.ordered()).isFalse();
    }

    @Test
    void aChangeThatIsAloneIsToldAsItIs() {
        Instance instance = new Instance(DIGEST);
        instance.take(inserted(7));
        pass(30);
        instance.deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("7 is open");
        assertThat(sent.getFirst().body()).isEqualTo("b");
    }

    @Test
    void theTitleOfADigestCanBeSaid() {
        Instance instance =
                new Instance(
                        "{ channels: log, to: Ann, title: \"{id}\", digest: 30s, digest-title: \"{count} of {rule} for"
                                + " {recipient.name}, first {first}\" }");
        instance.take(inserted(1));
        instance.take(inserted(2));
        pass(30);
        instance.deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("2 of r for Ann, first 1");
    }

    @Test
    void whatComesAfterTheTimeIsTheNextMessage() {
        Instance instance = new Instance(DIGEST);
        instance.take(inserted(1));
        pass(31);
        instance.take(inserted(2));
        instance.deliver(1, 1);
        pass(31);
        instance.deliver(2);

        assertThat(sent).extracting(Message::title).containsExactly("1 is open", "2 is open");
    }

    @Test
    void aKillInsideTheWindowLosesNoMember() {
        Instance killed = new Instance(DIGEST);
        killed.take(inserted(1));
        killed.take(inserted(2));
        pass(10);
        Instance next = new Instance(DIGEST);
        next.lookInVain();
        next.take(inserted(2)); // not confirmed when it was killed: it comes again
        next.take(inserted(3));
        assertThat(sent).isEmpty();
        pass(20);
        next.deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("r: 3 changes");
    }

    @Test
    void whatWaitsOfARuleThatIsGoneIsToldAllTheSame() {
        Instance killed = new Instance(DIGEST);
        killed.take(inserted(1));
        pass(30);
        new Instance("{ channels: log, title: other }").deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("1 is open");
    }

    @Test
    void whatWaitsForAChannelThatIsGoneIsOnRecord() {
        Instance killed = new Instance(DIGEST);
        killed.take(inserted(1));
        pass(30);
        channel = "other";
        new Instance("{ channels: other, title: T }").deliver(0);

        assertThat(log())
                .containsExactly(
                        "failed 1 Ann log 1 is open main:1:0/1001:0 (There is no channel log any more)");
    }

    @Test
    void whoDoesNotFollowTheSourceTellsNothing() {
        following = false;
        Instance standby = new Instance(DIGEST);
        standby.take(inserted(1));
        pass(30);
        standby.lookInVain();
        assertThat(sent).isEmpty();
        following = true;
        standby.deliver(1);
    }

    @Test
    void fiftyThousandUpdatesOfOneStatementAreOneMessageAndFewStatements() {
        Instance instance = new Instance(DIGEST);
        List<Uni<HandlerResult>> all = new ArrayList<>();
        for (int i = 1; i <= 50_000; i++) {
            all.add(instance.handler.handle(inserted(i)));
        }
        List<HandlerResult> results =
                Uni.join().all(all).andCollectFailures().await().atMost(PATIENCE);
        assertThat(results).hasSize(50_000);
        assertThat(statements).hasValueLessThan(500);
        assertThat(members()).isEqualTo(50_000);
        pass(30);
        instance.deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("r: 50000 changes");
        assertThat(log()).containsExactly("sent 50000 Ann log r: 50000 changes main:1:0/1001:0");
    }

    @Test
    void aChannelThatIsDownGetsItOnceItIsBack() {
        refusal = new SinkException("log is down", true);
        Instance instance = new Instance(DIGEST);
        instance.take(inserted(1));
        pass(30);
        instance.lookInVain();
        assertThat(members()).isEqualTo(1);
        refusal = null;
        pass(600);
        instance.deliver(1);
    }

    @Test
    void whatIsRefusedForGoodIsOnRecord() {
        refusal = new SinkException("log does not take it", false);
        Instance instance = new Instance(DIGEST);
        instance.take(inserted(1));
        pass(30);
        instance.deliver(0);

        assertThat(log())
                .containsExactly(
                        "failed 1 Ann log 1 is open main:1:0/1001:0 (log does not take it)");
    }

    @Test
    void aRecordThatFailsAfterTheSendTellsNobodyTwice() {
        Instance instance = new Instance(DIGEST);
        instance.take(inserted(1));
        SharedServers.execute(
                url,
                "ALTER TABLE wal_monitor.notification_log ADD CONSTRAINT no CHECK (rule <> 'r')");
        pass(30);
        instance.lookInVain();
        assertThat(sent).hasSize(1);
        assertThat(members()).isEqualTo(1);
        SharedServers.execute(url, "ALTER TABLE wal_monitor.notification_log DROP CONSTRAINT no");
        pass(600);
        instance.deliver(1);
    }

    @Test
    void aStoreThatIsDownFailsTheChangeSoThatItComesAgain() {
        Instance instance = new Instance(DIGEST);
        SharedServers.execute(url, "DROP TABLE wal_monitor.notification_member");

        assertThatThrownBy(() -> instance.take(inserted(1))).isInstanceOf(Exception.class);
    }

    @Test
    void anUpdateThatIsSetBackIsNotTold() {
        Instance instance = new Instance(HELD);
        instance.take(updated(1, "a", "open", "done"));
        instance.take(updated(2, "b", "open", "done"));
        pass(50);
        instance.take(updated(3, "a", "done", "open"));
        pass(9);
        instance.lookInVain();
        assertThat(sent).isEmpty();
        pass(1);
        instance.deliver(1);

        assertThat(sent.getFirst().title()).isEqualTo("b is done");
        assertThat(log())
                .containsExactlyInAnyOrder(
                        "sent 1  log b is done main:1:0/1002:0",
                        "suppressed 2  log   (set back in time)");
    }

    @Test
    void manyRowsThatAreHeldAreEachTold() {
        Instance instance = new Instance(HELD);
        for (int i = 0; i < 300; i++) {
            instance.take(updated(i, "row " + i, "open", "done"));
        }
        pass(60);
        instance.deliver(300);

        assertThat(sent).extracting(Message::title).startsWith("row 0 is done", "row 1 is done");
    }

    @Test
    void anUpdateThatIsSetBackLaterIsToldAndSoIsTheOther() {
        Instance instance = new Instance(HELD);
        instance.take(updated(1, "a", "open", "done"));
        pass(60);
        instance.deliver(1);
        instance.take(updated(2, "a", "done", "open"));
        pass(60);
        instance.deliver(2);
    }

    @Test
    void anInsertIsNotHeld() {
        Instance instance = new Instance(HELD);
        instance.take(inserted(1));

        assertThat(sent).hasSize(1);
        assertThat(instance.handler.ordered()).isTrue();
    }

    @Test
    void aDigestLeavesOutWhatIsSetBack() {
        Instance instance =
                new Instance(
                        "{ channels: log, title: \"{id} is {status}\", digest: 30s, suppress-if-reverted-within: 1m }");
        instance.take(updated(1, "a", "open", "done"));
        instance.take(updated(2, "b", "open", "done"));
        instance.take(updated(3, "c", "open", "done"));
        pass(80);
        instance.take(updated(4, "a", "done", "open"));
        instance.take(updated(5, "d", "open", "done"));
        pass(10);
        instance.deliver(1, 1);

        assertThat(sent.getFirst().body()).isEqualTo("\u2022 b is done\n\u2022 c is done");
    }

    @Test
    void quietHoursHoldWhatComesUntilTheyEnd() {
        now.set(Instant.parse("2026-01-01T21:30:00Z")); // 22:30 in Berlin
        Instance instance =
                new Instance(
                        "{ channels: log, title: \"{id} is {status}\", quiet: { from: \"22:00\", to: \"07:00\", zone:"
                                + " Europe/Berlin } }");
        instance.take(inserted(1));
        pass(3_600);
        instance.take(inserted(2));
        instance.lookInVain();
        assertThat(sent).isEmpty();
        now.set(Instant.parse("2026-01-02T06:00:00Z"));
        instance.deliver(1);
        instance.take(inserted(3));

        assertThat(sent).extracting(Message::title).containsExactly("r: 2 changes", "3 is open");
    }

    @Test
    void theChangesOfOneTransactionAreOneMessage() {
        Instance instance =
                new Instance("{ channels: log, title: \"{id} is {status}\", digest: transaction }");
        instance.take(inserted(1));
        instance.take(again(1, 1));
        instance.take(again(1, 2));
        instance.take(inserted(2));
        instance.lookInVain();
        assertThat(sent).isEmpty();
        caughtUp = true;
        instance.deliver(2);

        assertThat(sent).extracting(Message::title).containsExactly("r: 3 changes", "2 is open");
    }

    private static RowChange inserted(int xid) {
        return TICKETS.insert(xid, TICKETS.row(Integer.toString(xid), "open"));
    }

    /** Another row of the same transaction. */
    private static RowChange again(int xid, int ordinal) {
        RowChange.Insert first = (RowChange.Insert) inserted(xid);
        return new RowChange.Insert(first.transaction(), ordinal, first.after());
    }

    private static RowChange updated(int xid, String id, String before, String after) {
        return TICKETS.update(xid, TICKETS.row(id, before), TICKETS.row(id, after));
    }

    private void pass(long seconds) {
        now.updateAndGet(time -> time.plusSeconds(seconds));
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long members() {
        return pool.pool()
                .query("SELECT count(*) FROM wal_monitor.notification_member")
                .executeAndAwait()
                .iterator()
                .next()
                .getLong(0);
    }

    private List<String> log() {
        List<String> lines = new ArrayList<>();
        pool.pool()
                .query(
                        "SELECT concat_ws(' ', outcome, changes, recipient, channel, title, change_id, '(' || reason || ')')"
                                + " FROM wal_monitor.notification_log ORDER BY id")
                .executeAndAwait()
                .forEach(row -> lines.add(row.getString(0)));
        return lines;
    }

    private Channel channel() {
        String name = channel;
        return new Channel() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Uni<Void> send(Message message) {
                SinkException why = refusal;
                if (why != null) {
                    return Uni.createFrom().failure(why);
                }
                sent.add(message);
                return Uni.createFrom().voidItem();
            }
        };
    }

    private Progress progress() {
        return new Progress() {
            @Override
            public Uni<Boolean> caughtUp(String source, String rule, Duration atMost) {
                return Uni.createFrom().item(caughtUp);
            }

            @Override
            public boolean follows(String source) {
                return following;
            }
        };
    }

    /** Counts the statements that store members. */
    private Notifications counting(Notifications real) {
        return (Notifications)
                Proxy.newProxyInstance(
                        Notifications.class.getClassLoader(),
                        new Class<?>[] {Notifications.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("fold")) {
                                statements.incrementAndGet();
                            }
                            return method.invoke(real, arguments);
                        });
    }
}
