package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.source.postgres.pgoutput.Frames.COMMIT;
import static dev.walmonitor.source.postgres.pgoutput.Frames.END;
import static dev.walmonitor.source.postgres.pgoutput.Frames.SUB_XID;
import static dev.walmonitor.source.postgres.pgoutput.Frames.TIME;
import static dev.walmonitor.source.postgres.pgoutput.Frames.TIME_MICROS;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static dev.walmonitor.source.postgres.pgoutput.Frames.XID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Begin;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.BeginPrepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Commit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.CommitPrepared;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Origin;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Prepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RollbackPrepared;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamAbort;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamCommit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamPrepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStart;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStop;
import org.junit.jupiter.api.Test;

class TransactionMessagesTest {

    @Test
    void beginAndCommitFrameATransaction() {
        Talk talk = Talk.ofEverything();

        assertThat(
                        talk.hear(
                                Bytes.message('B')
                                        .int64(COMMIT.value())
                                        .int64(TIME_MICROS)
                                        .int32(XID)))
                .isEqualTo(new Begin(COMMIT, TIME, XID));
        assertThat(
                        talk.hear(
                                Bytes.message('C')
                                        .int8(0)
                                        .int64(COMMIT.value())
                                        .int64(END.value())
                                        .int64(TIME_MICROS)))
                .isEqualTo(new Commit(COMMIT, END, TIME));
    }

    @Test
    void f66_originComesBeforeTheFirstChangeAndMayBeRepeated() {
        Talk talk = Talk.inTransaction();
        Bytes origin = Bytes.message('O').int64(COMMIT.value()).string("pg_16400");

        assertThat(talk.hear(origin)).isEqualTo(new Origin(COMMIT, "pg_16400"));
        assertThat(talk.hear(origin)).isEqualTo(new Origin(COMMIT, "pg_16400"));
    }

    @Test
    void originInsideAStreamedBlockCarriesNoTransactionAndNoPosition() {
        Talk talk = Talk.ofEverything().with(Frames.streamStart());

        assertThat(talk.hear(Bytes.message('O').int64(0).string("o")))
                .isEqualTo(new Origin(Lsn.ZERO, "o"));
    }

    @Test
    void streamedTransactionComesInBlocksAndIsCommittedByItself() {
        Talk talk = Talk.ofEverything();

        assertThat(talk.hear(Bytes.message('S').int32(XID).int8(1)))
                .isEqualTo(new StreamStart(XID, true));
        assertThat(talk.hear(Bytes.message('E'))).isEqualTo(new StreamStop());
        assertThat(talk.hear(Bytes.message('S').int32(XID).int8(0)))
                .isEqualTo(new StreamStart(XID, false));
        assertThat(talk.hear(Bytes.message('E'))).isEqualTo(new StreamStop());
        assertThat(
                        talk.hear(
                                Bytes.message('c')
                                        .int32(XID)
                                        .int8(0)
                                        .int64(COMMIT.value())
                                        .int64(END.value())
                                        .int64(TIME_MICROS)))
                .isEqualTo(new StreamCommit(XID, COMMIT, END, TIME));
    }

    @Test
    void f46_streamAbortOfAnUnknownTransactionIsDecodedInProtocol1Too() {
        Talk talk = Talk.ofEverything();

        assertThat(talk.hear(Bytes.message('A').int32(XID).int32(XID)))
                .isEqualTo(new StreamAbort(XID, XID, null, null));
        assertThat(talk.hear(Frames.begin())).isEqualTo(new Begin(COMMIT, TIME, XID));
    }

    @Test
    void streamAbortOfParallelStreamingSaysWhereAndWhen() {
        assertThat(
                        Talk.ofEverything()
                                .hear(
                                        Bytes.message('A')
                                                .int32(XID)
                                                .int32(SUB_XID)
                                                .int64(COMMIT.value())
                                                .int64(TIME_MICROS)))
                .isEqualTo(new StreamAbort(XID, SUB_XID, COMMIT, TIME));
    }

    @Test
    void preparedTransactionIsFramedByItsOwnPairAndFinishedLater() {
        Talk talk = Talk.ofEverything();

        assertThat(
                        talk.hear(
                                Bytes.message('b')
                                        .int64(COMMIT.value())
                                        .int64(END.value())
                                        .int64(TIME_MICROS)
                                        .int32(XID)
                                        .string("tx-1")))
                .isEqualTo(new BeginPrepare(COMMIT, END, TIME, XID, "tx-1"));
        assertThat(
                        talk.hear(
                                Bytes.message('P')
                                        .int8(0)
                                        .int64(COMMIT.value())
                                        .int64(END.value())
                                        .int64(TIME_MICROS)
                                        .int32(XID)
                                        .string("tx-1")))
                .isEqualTo(new Prepare(COMMIT, END, TIME, XID, "tx-1"));
        assertThat(
                        talk.hear(
                                Bytes.message('K')
                                        .int8(0)
                                        .int64(COMMIT.value() + 100)
                                        .int64(END.value() + 100)
                                        .int64(TIME_MICROS)
                                        .int32(XID)
                                        .string("tx-1")))
                .isEqualTo(
                        new CommitPrepared(
                                new Lsn(COMMIT.value() + 100),
                                new Lsn(END.value() + 100),
                                TIME,
                                XID,
                                "tx-1"));
    }

    @Test
    void f51_preparedTransactionThatWasNeverSeenIsFinishedAllTheSame() {
        Talk talk = Talk.ofEverything();

        assertThat(talk.hear(Frames.commitPrepared()))
                .isEqualTo(new CommitPrepared(COMMIT, END, TIME, XID, "gid"));
        assertThat(talk.hear(Frames.rollbackPrepared()))
                .isEqualTo(
                        new RollbackPrepared(COMMIT, END, TIME, TIME.plusNanos(1000), XID, "gid"));
        assertThat(talk.hear(Frames.streamPrepare()))
                .isEqualTo(new StreamPrepare(COMMIT, END, TIME, XID, "gid"));
    }

    @Test
    void f57_positionsAndTransactionsBeyondTheSignedRangeAreKept() {
        Lsn high = Lsn.parse("FFFFFFFE/FFFFFFF0");
        Begin begin =
                (Begin)
                        Talk.ofEverything()
                                .hear(
                                        Bytes.message('B')
                                                .int64(high.value())
                                                .int64(TIME_MICROS)
                                                .int32(-2));

        assertThat(begin.commit().text()).isEqualTo("FFFFFFFE/FFFFFFF0");
        assertThat(begin.commit()).isGreaterThan(Lsn.parse("7FFFFFFF/0"));
        assertThat(Integer.toUnsignedString(begin.xid())).isEqualTo("4294967294");
    }

    @Test
    void f33_transactionMayEndWhereTheNextOneBegins() {
        Talk talk = Talk.ofEverything().with(Frames.begin(), Frames.commit());
        Lsn next = END;

        assertThat(talk.hear(Bytes.message('B').int64(END.value()).int64(TIME_MICROS).int32(8)))
                .isEqualTo(new Begin(next, TIME, 8));
    }

    @Test
    void f47_commitWithoutBeginIsRefused() {
        refused(
                Talk.ofEverything(),
                Frames.commit(),
                "Expected an open transaction, got no open transaction (message 'C', byte 0)");
    }

    @Test
    void commitOfAnotherTransactionThanWasBegunIsRefused() {
        refused(
                Talk.inTransaction(),
                Bytes.message('C').int8(0).int64(5).int64(END.value()).int64(TIME_MICROS),
                "Expected the position 16/B374D848 of the transaction's begin, got 0/5"
                        + " (message 'C', byte 2)");
    }

    @Test
    void prepareOfAnotherTransactionThanWasBegunIsRefused() {
        refused(
                Talk.ofEverything().with(Frames.beginPrepare()),
                Bytes.message('P')
                        .int8(0)
                        .int64(5)
                        .int64(END.value())
                        .int64(TIME_MICROS)
                        .int32(XID)
                        .string("gid"),
                "Expected the position 16/B374D848 of the transaction's begin, got 0/5"
                        + " (message 'P', byte 2)");
    }

    @Test
    void beginInsideATransactionIsRefused() {
        refused(
                Talk.inTransaction(),
                Frames.begin(),
                "Expected no open transaction, got an open transaction (message 'B', byte 0)");
    }

    @Test
    void f47_flagsThatDoNotExistAreRefused() {
        refused(
                Talk.inTransaction(),
                Bytes.message('C')
                        .int8(4)
                        .int64(COMMIT.value())
                        .int64(END.value())
                        .int64(TIME_MICROS),
                "Expected no flags, got 0x04 (message 'C', byte 1)");
        refused(
                Talk.ofEverything(),
                Bytes.message('S').int32(XID).int8(2),
                "Expected no flags but 0x01, got 0x02 (message 'S', byte 5)");
    }

    @Test
    void f47_changeOutsideATransactionIsRefused() {
        refused(
                Talk.ofEverything().with(Frames.users()),
                Bytes.message('I').int32(USERS),
                "Expected an open transaction, got no open transaction (message 'I', byte 0)");
    }

    @Test
    void positionThatIsNotSetIsRefused() {
        refused(
                Talk.ofEverything(),
                Bytes.message('B').int64(0).int64(TIME_MICROS).int32(XID),
                "Expected a commit position, got 0/0 (message 'B', byte 1)");
    }

    private static void refused(Talk talk, Bytes message, String why) {
        assertThatThrownBy(() -> talk.hear(message))
                .isInstanceOf(DecodeException.class)
                .hasMessage(why);
    }
}
