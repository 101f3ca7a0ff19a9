package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransactionAssemblerTest {
    private static final Relation T =
            new Relation(
                    16400,
                    new TableName("public", "t"),
                    ReplicaIdentity.DEFAULT,
                    List.of(new Column("id", 23, -1, true)),
                    List.of(0));
    private static final Row ROW = Row.of(T, new ColumnValue.Text("1"));
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final List<Boolean> traced = new ArrayList<>();
    private final TransactionAssembler assembler = new TransactionAssembler("main", traced::add);

    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String OTHER = "00-11111111111111111111111111111111-2222222222222222-01";

    private static Lsn lsn(long value) {
        return new Lsn(value);
    }

    private void begin(long commit) {
        assembler.begin(new PgOutputMessage.Begin(lsn(commit), TIME, 7));
    }

    @CanIgnoreReturnValue
    private boolean commit(long commit, long end) {
        return assembler.commit(new PgOutputMessage.Commit(lsn(commit), lsn(end), TIME));
    }

    private void message(boolean transactional, String prefix, long lsn) {
        assembler.logicalMessage(
                new PgOutputMessage.LogicalMessage(
                        0, transactional, lsn(lsn), prefix, "x".getBytes(StandardCharsets.UTF_8)));
    }

    /** The events in a few words. */
    private List<String> taken() {
        return assembler.take().stream()
                .map(event ->
                        switch (event) {
                            case ChangeEvent.Begin b -> "begin " + b.transaction().commit();
                            case ChangeEvent.Commit c -> "commit " + c.end();
                            case ChangeEvent.Progress p ->
                                    "progress " + p.position() + (p.hurry() ? " hurry" : "");
                            case ChangeEvent.Message m ->
                                    "message "
                                            + m.prefix()
                                            + (m.transaction() == null ? "" : " inside");
                            case ChangeEvent.Resumed r -> "resumed " + r.from() + " in " + r.log();
                            case ChangeEvent.Missed m -> "missed " + m.gap();
                            case RowChange c -> c.operation() + " " + c.id();
                        })
                .toList();
    }

    @Test
    void f30_f33_aTransactionIsToldWithItsChangesNumberedFromZeroAndConfirmedByItsEnd() {
        begin(0x10);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assembler.update(new PgOutputMessage.Update(0, null, ROW));
        assembler.delete(new PgOutputMessage.Delete(0, ROW));
        commit(0x10, 0x18);

        assertThat(taken())
                .containsExactly(
                        "begin 0/10",
                        "INSERT 0/10:0",
                        "UPDATE 0/10:1",
                        "DELETE 0/10:2",
                        "commit 0/18");
    }

    @Test
    void whatNobodyWantsStillCountsInTheOrdinals() {
        begin(0x10);
        assembler.skipped(new PgOutputMessage.Skipped(0, 3));
        message(true, "foreign", 0x11);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);

        assertThat(taken()).containsExactly("begin 0/10", "INSERT 0/10:4", "commit 0/18");
    }

    @Test
    void f64_eachTableOfATruncateHasThePlaceThatItHadInTheStatement() {
        begin(0x10);
        assembler.truncate(
                new PgOutputMessage.Truncate(
                        0,
                        3,
                        List.of(
                                new PgOutputMessage.Truncated(0, T),
                                new PgOutputMessage.Truncated(2, T)),
                        true,
                        false));
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);

        assertThat(taken())
                .containsExactly(
                        "begin 0/10",
                        "TRUNCATE 0/10:0",
                        "TRUNCATE 0/10:2",
                        "INSERT 0/10:3",
                        "commit 0/18");
    }

    @Test
    void transactionsInWhichNobodyWantsAnythingBecomeOneMark() {
        for (int i = 0; i < 5; i++) {
            begin(0x10 + i * 8L);
            assembler.skipped(new PgOutputMessage.Skipped(0, 1));
            commit(0x10 + i * 8L, 0x18 + i * 8L);
        }

        assertThat(taken()).containsExactly("progress 0/38");
    }

    @Test
    void aMarkComesBeforeTheTransactionThatFollowsIt() {
        assertThat(assembler.keepalive(lsn(0x20), true)).isTrue();
        begin(0x30);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));

        assertThat(taken()).containsExactly("progress 0/20 hurry", "begin 0/30", "INSERT 0/30:0");
    }

    @Test
    void f24_keepaliveInsideATransactionIsNeverAckedPastItsCommit() {
        begin(0x30);
        assertThat(assembler.keepalive(lsn(0x30), true)).isFalse();
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assertThat(assembler.keepalive(lsn(0x30), false)).isFalse();

        assertThat(taken()).containsExactly("begin 0/30", "INSERT 0/30:0");
        assertThat(assembler.hasNews()).isFalse();
    }

    @Test
    void f66_aMessageOutsideOfTransactionsIsToldIfItIsOursAndPassedIfItIsNot() {
        message(false, "wal_monitor.canary", 0x10);
        message(false, "foreign", 0x20);

        assertThat(taken()).containsExactly("message wal_monitor.canary", "progress 0/20");
    }

    @Test
    void aMessageOfOursBeginsItsTransaction() {
        begin(0x10);
        message(true, "wal_monitor.canary", 0x12);
        commit(0x10, 0x18);

        assertThat(taken())
                .containsExactly("begin 0/10", "message wal_monitor.canary inside", "commit 0/18");
    }

    @Test
    void knowsBehindWhichTransactionEverythingCameWhole() {
        assertThat(assembler.lastEndTaken()).isNull();
        begin(0x10);
        commit(0x10, 0x18);
        begin(0x20);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assertThat(assembler.lastEndTaken()).as("nobody has it").isNull();

        assertThat(taken()).isNotEmpty();
        assertThat(assembler.lastEndTaken()).isEqualTo(lsn(0x18));
        commit(0x20, 0x28);
        assertThat(assembler.lastEndTaken()).isEqualTo(lsn(0x18));
    }

    @Test
    void f28_marksTransactionsThatMayHaveComeBefore() {
        TransactionAssembler next = new TransactionAssembler("main", traced::add);
        next.resumed(new Resumption.Go(lsn(1), new LogIdentity("7", 1, 1), null), lsn(0x20));
        for (long commit : new long[] {0x20, 0x21}) {
            next.begin(new PgOutputMessage.Begin(lsn(commit), Instant.EPOCH, 7));
            next.insert(new PgOutputMessage.Insert(0, ROW));
            var _ =
                    next.commit(
                            new PgOutputMessage.Commit(
                                    lsn(commit), lsn(commit + 1), Instant.EPOCH));
        }
        assertThat(next.lastBegun()).isEqualTo(lsn(0x21));
        assertThat(
                        next.take().stream()
                                .filter(RowChange.class::isInstance)
                                .map(event -> ((RowChange) event).transaction().delivery()))
                .containsExactly(Delivery.AGAIN, Delivery.FIRST);
    }

    @Test
    void tellsWhetherAnybodyWantedATransaction() {
        begin(0x10);
        assertThat(commit(0x10, 0x18)).isFalse();
        begin(0x20);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assertThat(commit(0x20, 0x28)).isTrue();
    }

    @Test
    void takesNothingTwice() {
        begin(0x10);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assertThat(assembler.size()).isEqualTo(2);
        assertThat(taken()).hasSize(2);

        assertThat(assembler.size()).isZero();
        assertThat(taken()).isEmpty();
    }

    private void trace(boolean transactional, String text) {
        assembler.logicalMessage(
                new PgOutputMessage.LogicalMessage(
                        0,
                        transactional,
                        lsn(0x5),
                        "wal_monitor.traceparent",
                        text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The trace of each change that can be taken now. */
    private List<String> traces() {
        return assembler.take().stream()
                .filter(RowChange.class::isInstance)
                .map(RowChange.class::cast)
                .map(change ->
                        change.ordinal()
                                + " "
                                + Objects.toString(
                                        Optional.ofNullable(change.transaction().trace())
                                                .map(TraceContext::traceId)
                                                .orElse(null)))
                .toList();
    }

    @Test
    void aTransactionBelongsToTheTraceThatItNames() {
        begin(0x10);
        trace(true, PARENT);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);
        begin(0x20);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x20, 0x28);

        assertThat(traces()).containsExactly("1 0af7651916cd43dd8448eb211c80319c", "0 null");
        assertThat(traced).containsExactly(true);
    }

    @Test
    void theFirstTraceThatATransactionNamesIsIts() {
        begin(0x10);
        trace(true, "nonsense");
        trace(true, PARENT);
        trace(true, OTHER);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);

        assertThat(traces()).containsExactly("3 0af7651916cd43dd8448eb211c80319c");
        assertThat(traced).containsExactly(false, true, true);
    }

    @Test
    void aTraceThatIsNamedLateHoldsForWhatFollowsAndForWhatWasNotTakenYet() {
        begin(0x10);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assertThat(traces()).containsExactly("0 null");
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        trace(true, PARENT);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);

        assertThat(traces())
                .containsExactly(
                        "1 0af7651916cd43dd8448eb211c80319c",
                        "2 0af7651916cd43dd8448eb211c80319c",
                        "4 0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void aTransactionThatOnlyNamesItsTraceIsNothingButProgress() {
        begin(0x10);
        trace(true, PARENT);
        commit(0x10, 0x18);

        assertThat(taken()).containsExactly("progress 0/18");
    }

    @Test
    void aTraceThatIsNamedOutsideOfATransactionIsOfNobody() {
        trace(false, PARENT);
        begin(0x10);
        assembler.insert(new PgOutputMessage.Insert(0, ROW));
        commit(0x10, 0x18);

        assertThat(taken())
                .containsExactly("progress 0/5", "begin 0/10", "INSERT 0/10:0", "commit 0/18");
        assertThat(traced).containsExactly(false);
    }
}
