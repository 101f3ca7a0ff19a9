package dev.walmonitor.source.postgres.replication;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Consent;
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
}
