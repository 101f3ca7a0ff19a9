package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What an operator may have a source give up, and what not. */
class OperatorTest extends FaultyNetwork {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** No server has a column value of kind '?'. */
    private static final Fault POISON =
            new Fault.Garble("t\0\0\0\u0006poison", "?\0\0\0\u0006poison");

    private Blocked poisoned(Follower follower) {
        follower.awaitState(SourceState.POISONED);
        return Objects.requireNonNull(follower.source.blocked());
    }

    private static Consent skip(Follower follower, long xid) {
        return follower.source.skip(xid, null).await().atMost(PATIENCE);
    }

    private static Consent reset(Follower follower) {
        return follower.source.reset("A test wants it.").await().atMost(PATIENCE);
    }

    private static List<Gap> missed(Follower follower) {
        return follower.events.stream()
                .filter(ChangeEvent.Missed.class::isInstance)
                .map(event -> ((ChangeEvent.Missed) event).gap())
                .toList();
    }

    @Test
    void f36_f37_onlyTheTransactionThatBlocksIsPassedOverAndItIsAGap() {
        proxy.streamsOnly();
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            proxy.set(TO_CLIENT, POISON);
            insert(1);
            sql("insert into t values (2, 'poison'), (3, 'b')");
            insert(4);
            Blocked blocked = poisoned(follower);
            long xid = Objects.requireNonNull(blocked.xid());

            assertThat(skip(follower, xid + 1))
                    .isEqualTo(
                            new Consent.Refused(
                                    "What blocks source main is transaction "
                                            + xid
                                            + " (commit at "
                                            + blocked.commit()
                                            + "), and no other.",
                                    "Name that one."));
            assertThat(follower.state()).isEqualTo(SourceState.POISONED);
            assertThat(skip(follower, xid))
                    .isEqualTo(
                            new Consent.Given(
                                    "Transaction "
                                            + xid
                                            + " (commit at "
                                            + blocked.commit()
                                            + ") is passed over; its changes are a gap on record"
                                            + " then."));

            awaitWhole(follower, 2);
            assertThat(whole(follower)).containsExactly("INSERT 1a", "INSERT 4a");
            assertThat(missed(follower)).hasSize(1);
            Gap gap = missed(follower).getFirst();
            assertThat(gap.from()).isEqualTo(blocked.commit());
            assertThat(gap.reason()).isEqualTo("An operator had the transaction passed over.");
            assertThat(gap.tables()).isEmpty();
            await().atMost(PATIENCE).until(() -> !gap.to().isAfter(confirmedFlush(name)));
            assertThat(skip(follower, xid))
                    .isEqualTo(
                            new Consent.Refused(
                                    "Nothing that cannot be read blocks source main, which is"
                                            + " STREAMING.",
                                    null));
        }
    }

    @Test
    void f36_f37_aTransactionThatWasSentInProgressIsPassedOverToo() {
        proxy.streamsOnly();
        server.execute("alter database " + name + " set logical_decoding_work_mem = '64kB'");
        SlotOptions streaming = hasty(name).withStream(StreamOptions.DEFAULT.withStreaming(true));
        try (Follower follower = follow(wire(proxy), streaming).awaitState(SourceState.STREAMING)) {
            proxy.set(TO_CLIENT, POISON);
            sql(
                    "insert into t select i, repeat('x', 100) from generate_series(10, 3000) i union all"
                            + " select 5000, 'poison'");
            insert(1);
            long xid = Objects.requireNonNull(poisoned(follower).xid());

            assertThat(skip(follower, xid)).isInstanceOf(Consent.Given.class);

            awaitWhole(follower, 1);
            assertThat(whole(follower)).containsExactly("INSERT 1a");
            assertThat(missed(follower)).hasSize(1);
        }
    }

    @Test
    void whatCannotGoOnIsGivenUpAndASlotThatIsReadIsNot() {
        proxy.streamsOnly();
        try (Follower follower = follow(proxy, name).awaitState(SourceState.STREAMING)) {
            assertThat(reset(follower))
                    .isEqualTo(
                            new Consent.Refused(
                                    "Slot " + name + " is active: this instance reads from it.",
                                    "Stop every instance that reads from it, and run wal-monitor"
                                            + " reset --source main"));
            proxy.set(TO_CLIENT, POISON);
            insert(1);
            sql("insert into t values (2, 'poison')");
            insert(3);
            var _ = poisoned(follower);

            assertThat(reset(follower))
                    .isEqualTo(
                            new Consent.Given(
                                    "Slot "
                                            + name
                                            + " is made anew; what was not read is a gap on"
                                            + " record."));

            follower.awaitState(SourceState.STREAMING);
            insert(4);
            awaitWhole(follower, 2);
            assertThat(whole(follower)).containsExactly("INSERT 1a", "INSERT 4a");
            ChangeEvent.Resumed last = follower.beginnings().getLast();
            assertThat(Objects.requireNonNull(last.gap()).reason()).isEqualTo("A test wants it.");
            assertThat(last.gap().to()).isEqualTo(last.from());
            assertThat(last.log().epoch())
                    .isGreaterThan(follower.beginnings().getFirst().log().epoch());
        }
    }

    private static Consent giveUp(Follower follower, String why) {
        return follower.source.giveUp(why).await().atMost(PATIENCE);
    }

    /** Writes so much log that is nobody's business. */
    private void log(int mebibytes) {
        for (int i = 0; i < mebibytes; i++) {
            sql("select pg_logical_emit_message(false, 'test', repeat('x', 1 << 20))");
        }
    }

    /** No other slot keeps any log. */
    private void alone() {
        var _ =
                server.query(
                        name,
                        "select count(pg_drop_replication_slot(slot_name)) from pg_replication_slots"
                                + " where not active");
    }

    private void behind(Follower follower) {
        alone();
        follower.confirms = false;
        insert(1);
        follower.awaitChanges(1);
        log(4);
    }

    @Test
    void f39_aSlotThatIsReadIsGivenUpWithAGap() {
        try (Follower follower = Follower.of(url, name).awaitState(SourceState.STREAMING)) {
            behind(follower);
            long before = bytes("confirmed_flush_lsn");
            assertThat(giveUp(follower, "It kept too much."))
                    .isEqualTo(
                            new Consent.Given(
                                    "Slot "
                                            + name
                                            + " is given up; what was not done is a gap on record."));
            await().atMost(PATIENCE).until(() -> follower.beginnings().size() == 2);
            follower.awaitState(SourceState.STREAMING);
            insert(2);
            follower.awaitChanges(2);
            ChangeEvent.Resumed last = follower.beginnings().getLast();
            Gap gap = Objects.requireNonNull(last.gap());
            assertThat(gap.reason()).isEqualTo("It kept too much.");
            assertThat(gap.to()).isEqualTo(last.from());
            assertThat(last.log().epoch())
                    .isGreaterThan(follower.beginnings().getFirst().log().epoch());
            assertThat(bytes("restart_lsn")).isGreaterThan(before);
        }
    }

    @Test
    void f39_onlyWhatWeHaveNotConfirmedIsGivenUpAndOnlyIfThatHelps() throws Exception {
        try (Follower follower = Follower.of(url, name).awaitState(SourceState.STREAMING)) {
            behind(follower);
            var _ =
                    server.query(
                            name,
                            "select pg_copy_logical_replication_slot('"
                                    + name
                                    + "', 'older_"
                                    + name
                                    + "')");
            assertThat(giveUp(follower, "Never."))
                    .isEqualTo(
                            new Consent.Refused(
                                    "Slot older_"
                                            + name
                                            + " keeps the same log: without slot "
                                            + name
                                            + " the disk would be no emptier.",
                                    "Find out who reads from slot older_"
                                            + name
                                            + ", and why it does not move on; if nobody needs it:"
                                            + " SELECT pg_drop_replication_slot('older_"
                                            + name
                                            + "')"));
            alone();
            assertThat(follower.beginnings()).hasSize(1);
        }
    }

    @Test
    void f45_aTransactionThatWasLeftOpenIsNoReasonToGiveASlotUp() throws Exception {
        try (Follower follower = Follower.of(url, name).awaitState(SourceState.STREAMING);
                var connection = server.open(name);
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into t values (7, 'open')");
            log(4);
            insert(8);
            follower.awaitChanges(1);
            await().atMost(PATIENCE)
                    .until(() -> {
                        server.execute("checkpoint"); // tells the slot which transactions run
                        var gauges = follower.source.gauges().await().atMost(PATIENCE);
                        return gauges.lagBytes() < gauges.retainedBytes() / 2;
                    });
            assertThat(giveUp(follower, "Never."))
                    .isInstanceOfSatisfying(
                            Consent.Refused.class,
                            refused ->
                                    assertThat(refused.sentence())
                                            .startsWith("Slot " + name + " keeps ")
                                            .endsWith(
                                                    " are not confirmed: a transaction that was left open"
                                                            + " holds the rest."));
        }
    }

    @Test
    void f05_aSlotThatAnotherInstanceReadsIsNotGivenUp() {
        try (Follower first = Follower.of(url, name).awaitState(SourceState.STREAMING);
                Follower second = Follower.of(url, name).awaitState(SourceState.STANDBY)) {
            behind(first);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(giveUp(second, "Never."))
                                    .isInstanceOfSatisfying(
                                            Consent.Refused.class,
                                            refused ->
                                                    assertThat(refused.sentence())
                                                            .startsWith(
                                                                    "Slot "
                                                                            + name
                                                                            + " is read by another"
                                                                            + " connection (backend ")));
            assertThat(first.state()).isEqualTo(SourceState.STREAMING);
            assertThat(first.beginnings()).hasSize(1);
        }
    }

    @Test
    void f39_aGapThatNobodyWasToldOfIsPartOfTheNextOne() {
        try (Follower follower =
                new Follower(
                        Follower.wire(DatabaseUrl.parse(url)),
                        Follower.options(name),
                        Interest.ALL,
                        false)) {
            follower.request(1);
            follower.awaitState(SourceState.STREAMING);
            await().atMost(PATIENCE).until(() -> follower.beginnings().size() == 1);
            alone();
            insert(1); // held back at the gate, which is closed from here on
            log(4);
            for (int i = 1; i <= 2; i++) {
                String why = "Reason " + i + ".";
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(giveUp(follower, why))
                                        .isInstanceOf(Consent.Given.class));
                follower.awaitState(SourceState.CONNECTING);
                follower.awaitState(SourceState.STREAMING);
                log(4);
            }
            follower.request(100);
            await().atMost(PATIENCE).until(() -> follower.beginnings().size() == 2);
            ChangeEvent.Resumed last = follower.beginnings().getLast();
            Gap gap = Objects.requireNonNull(last.gap());
            assertThat(gap.reason()).isEqualTo("Reason 1. Reason 2.");
            assertThat(gap.to()).isEqualTo(last.from());
            assertThat(gap.to().number() - Objects.requireNonNull(gap.from()).number())
                    .as("what was lost both times")
                    .isGreaterThan(7 << 20);
        }
    }

    private long bytes(String column) {
        return Long.parseLong(
                Objects.requireNonNull(
                        server.query(
                                name,
                                "select pg_wal_lsn_diff("
                                        + column
                                        + ", '0/0')::int8 from pg_replication_slots where slot_name = '"
                                        + name
                                        + "'")));
    }
}
