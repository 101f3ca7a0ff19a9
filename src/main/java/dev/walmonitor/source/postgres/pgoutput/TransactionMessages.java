package dev.walmonitor.source.postgres.pgoutput;

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

/**
 * The messages that begin, end and tell about transactions, and what may follow what. Owned by one
 * decoder.
 *
 * <pre>
 * stream       = ( transaction | prepared | block | one )*
 * transaction  = B O* change* C          C has the commit position of its B
 * prepared     = b O* change* P          P has the prepare position of its b
 * block        = S O* change* E          a piece of a transaction in progress
 * one          = c | A | K | r | p | M without a transaction
 * change       = I | U | D | T | M with a transaction
 * </pre>
 *
 * {@code R} and {@code Y} may stand anywhere. That a {@code c}, {@code A}, {@code K}, {@code r} or
 * {@code p} is of a transaction that was seen is not asked: servers are known to send others.
 */
final class TransactionMessages {
    private enum Open {
        NOTHING("no open transaction"),
        TRANSACTION("an open transaction"),
        PREPARED("an open prepared transaction"),
        BLOCK("an open block of a streamed transaction");

        private final String words;

        Open(String words) {
            this.words = words;
        }
    }

    private final FrameReader in;
    private Open open = Open.NOTHING;
    private Lsn promised = Lsn.ZERO;

    TransactionMessages(FrameReader in) {
        this.in = in;
    }

    /** Within a transaction that was begun, and whose end is not read here. */
    static TransactionMessages ofTransaction(FrameReader in) {
        TransactionMessages inside = new TransactionMessages(in);
        inside.open = Open.TRANSACTION;
        return inside;
    }

    /** Whether messages carry the number of their sub-transaction. */
    boolean inBlock() {
        return open == Open.BLOCK;
    }

    /** To be asked by every message that belongs to a transaction. */
    void inside() {
        if (open == Open.NOTHING) {
            throw in.malformed("an open transaction", open.words);
        }
    }

    /** To be asked by every message that stands alone. */
    void outside() {
        require(Open.NOTHING);
    }

    Begin begin() {
        outside();
        Begin begin =
                new Begin(
                        in.lsnSet("a commit position"),
                        in.instant("a commit time"),
                        in.int32("a transaction"));
        in.end();
        promised = begin.commit();
        open = Open.TRANSACTION;
        return begin;
    }

    Commit commit() {
        require(Open.TRANSACTION);
        noFlags();
        Commit commit =
                new Commit(asPromised(), in.lsnSet("an end position"), in.instant("a commit time"));
        in.end();
        open = Open.NOTHING;
        return commit;
    }

    Origin origin() {
        inside();
        return new Origin(in.lsn("a commit position"), in.string("an origin"));
    }

    StreamStart streamStart() {
        outside();
        StreamStart start = new StreamStart(in.int32("a transaction"), in.flag());
        in.end();
        open = Open.BLOCK;
        return start;
    }

    StreamStop streamStop() {
        require(Open.BLOCK);
        in.end();
        open = Open.NOTHING;
        return StreamStop.INSTANCE;
    }

    StreamCommit streamCommit() {
        outside();
        int xid = in.int32("a transaction");
        noFlags();
        return new StreamCommit(
                xid,
                in.lsnSet("a commit position"),
                in.lsnSet("an end position"),
                in.instant("a commit time"));
    }

    StreamAbort streamAbort() {
        outside();
        int xid = in.int32("a transaction");
        int subXid = in.int32("a sub-transaction");
        // Protocol 4 says more, and only if streaming is parallel: the message alone can tell.
        boolean parallel = in.remaining() > 0;
        return parallel
                ? new StreamAbort(
                        xid, subXid, in.lsn("an abort position"), in.instant("an abort time"))
                : new StreamAbort(xid, subXid, null, null);
    }

    BeginPrepare beginPrepare() {
        outside();
        BeginPrepare begin =
                new BeginPrepare(
                        in.lsnSet("a prepare position"),
                        in.lsnSet("an end position"),
                        in.instant("a prepare time"),
                        in.int32("a transaction"),
                        gid());
        in.end();
        promised = begin.prepare();
        open = Open.PREPARED;
        return begin;
    }

    Prepare prepare() {
        require(Open.PREPARED);
        noFlags();
        Prepare prepare =
                new Prepare(
                        asPromised(),
                        in.lsnSet("an end position"),
                        in.instant("a prepare time"),
                        in.int32("a transaction"),
                        gid());
        in.end();
        open = Open.NOTHING;
        return prepare;
    }

    CommitPrepared commitPrepared() {
        outside();
        noFlags();
        return new CommitPrepared(
                in.lsnSet("a commit position"),
                in.lsnSet("an end position"),
                in.instant("a commit time"),
                in.int32("a transaction"),
                gid());
    }

    RollbackPrepared rollbackPrepared() {
        outside();
        noFlags();
        return new RollbackPrepared(
                in.lsnSet("the end position of the prepare"),
                in.lsnSet("the end position of the rollback"),
                in.instant("a prepare time"),
                in.instant("a rollback time"),
                in.int32("a transaction"),
                gid());
    }

    StreamPrepare streamPrepare() {
        outside();
        noFlags();
        return new StreamPrepare(
                in.lsnSet("a prepare position"),
                in.lsnSet("an end position"),
                in.instant("a prepare time"),
                in.int32("a transaction"),
                gid());
    }

    private void require(Open expected) {
        if (open != expected) {
            throw in.malformed(expected.words, open.words);
        }
    }

    private void noFlags() {
        int none = in.flags(0);
        assert none == 0;
    }

    private Lsn asPromised() {
        Lsn lsn = in.lsn("a position");
        if (!lsn.equals(promised)) {
            throw in.malformed(
                    "the position " + promised + " of the transaction's begin", lsn.text());
        }
        return lsn;
    }

    private String gid() {
        return in.string("a transaction's global identifier");
    }
}
