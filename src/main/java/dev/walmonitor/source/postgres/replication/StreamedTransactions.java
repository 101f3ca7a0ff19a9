package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamAbort;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamCommit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStart;
import dev.walmonitor.source.postgres.spill.Disk;
import dev.walmonitor.source.postgres.spill.SpilledTransaction;
import dev.walmonitor.source.postgres.spill.Spool;
import dev.walmonitor.source.postgres.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a stream sends of transactions that are in progress: put by as it comes, rolled back in part
 * or whole, and handed to a {@link Replay} at the commit. Owned by the connection's event loop.
 *
 * <p>A description of a table ({@code R}) is part of its transaction as a change is: the table may
 * have got its shape there, and may lose it by a rollback. After each rollback the server describes
 * the transaction's tables again.
 *
 * <p>A message ({@code M}) names the whole transaction even if it was written after a savepoint
 * (tried on 18); so one that stands before the first row behind a savepoint is told, and counted,
 * though that was rolled back.
 */
final class StreamedTransactions implements Spool.Inflow {
    private static final int SUB_XID = Integer.BYTES;

    private final StreamOptions options;
    private final StreamRequest request;
    private final PgOutputDecoder decoder;
    private final Intake intake;
    private final Replay.Reader reader;
    private final Listener listener;
    private final Spool spool;
    private @Nullable Replay replay;

    /** What the session has to know. */
    interface Listener {
        void failed(Throwable failure);
    }

    StreamedTransactions(
            StreamOptions options,
            StreamRequest request,
            Disk disk,
            PgOutputDecoder decoder,
            Intake intake,
            Replay.Reader reader,
            Listener listener) {
        this.options = options;
        this.request = request;
        this.decoder = decoder;
        this.intake = intake;
        this.reader = reader;
        this.listener = listener;
        this.spool = new Spool(options.spillDirectory(), disk, this);
    }

    /**
     * Puts a message by if it belongs to the open block.
     *
     * @return false if it has to be read now
     */
    boolean keep(ByteBuf frame, int offset, int length) {
        if (!spool.isOpen() || length < 1 + SUB_XID) {
            return false;
        }
        byte type = frame.getByte(offset);
        switch (type) {
            case 'I', 'U', 'D', 'T', 'M', 'Y' -> keep(type, frame, offset, length, null);
            case 'R' -> keep(type, frame, offset, length, decoder.nextTold());
            default -> {
                return false;
            }
        }
        if (spool.bytes() > options.spillLimit()) {
            throw tooMuch();
        }
        return true;
    }

    private void keep(byte type, ByteBuf frame, int offset, int length, @Nullable Integer order) {
        spool.add(
                frame.getInt(offset + 1),
                type,
                frame,
                offset + 1 + SUB_XID,
                length - 1 - SUB_XID,
                order);
    }

    void start(StreamStart start) {
        if (!spool.start(start.xid(), start.first())) {
            throw unknown(start.xid(), "goes on with");
        }
    }

    void stop() {
        spool.stop();
    }

    /**
     * @return whether anything was known of the transaction
     */
    boolean abort(StreamAbort abort) {
        return spool.abort(abort.xid(), abort.subXid());
    }

    /** Reads the transaction, and nothing else until that is done. */
    void commit(StreamCommit commit) {
        SpilledTransaction spilled = spool.commit(commit.xid());
        if (spilled == null) {
            throw unknown(commit.xid(), "commits");
        }
        intake.pause(Intake.Reason.REPLAY);
        replay =
                new Replay(
                        spilled,
                        commit,
                        reader,
                        () -> {
                            replay = null;
                            intake.resume(Intake.Reason.REPLAY);
                        },
                        this::failed);
        replay.goOn();
    }

    /** Somebody wants more. */
    void wanted() {
        if (replay != null) {
            replay.goOn();
        }
    }

    /** Lets go of everything; the server will send it again. */
    void close() {
        if (replay != null) {
            replay.close();
            replay = null;
        }
        spool.close();
    }

    /** What is on disk, in bytes. */
    long bytes() {
        return spool.bytes();
    }

    @Override
    public void pause() {
        intake.pause(Intake.Reason.SPILL);
    }

    @Override
    public void goOn() {
        intake.resume(Intake.Reason.SPILL);
    }

    @Override
    public void failed(Throwable failure) {
        listener.failed(
                failure instanceof IOException refused
                        ? refused(options.spillDirectory(), refused)
                        : failure);
    }

    /** Fails, with a remedy, if transactions cannot be put by where the options say. */
    static Future<Void> check(StreamOptions options, Disk disk) {
        Path directory = options.spillDirectory();
        return Spool.check(directory, disk)
                .recover(failure ->
                        Future.failedFuture(
                                failure instanceof IOException refused
                                        ? refused(directory, refused)
                                        : failure));
    }

    private static ReplicationException refused(Path directory, IOException failure) {
        return new ReplicationException(
                Remedies.slowly(
                        "spill",
                        "Transactions in progress cannot be kept in "
                                + directory
                                + " ("
                                + failure
                                + ").",
                        "Make room there, name another directory as spill.directory, or set streaming to false;"
                                + " nothing is lost, the server sends them again."));
    }

    private ReplicationException tooMuch() {
        return without(
                "spill-limit",
                "Transactions in progress take more than the spill limit of "
                        + options.spillLimit()
                        + " bytes");
    }

    /**
     * Servers fail on some transactions in progress that they can send at their commit. PostgreSQL
     * 18 does when a table is altered, that is rolled back to a savepoint, and it is altered again:
     * {@code could not map filenumber "base/…" to relation OID}, each time anew.
     */
    @Nullable WireException explained(@Nullable WireException end) {
        return end instanceof WireException.ServerError error && error.sqlState().startsWith("XX")
                ? new WireException.HandlerFailed(
                        without(
                                error.sqlState(),
                                "The server failed on a transaction in progress ("
                                        + error.serverMessage().message()
                                        + ")"))
                : end;
    }

    private ReplicationException without(String code, String why) {
        request.withoutStreaming();
        return new ReplicationException(
                new SourceFailure(
                        SourceState.CONNECTING,
                        code,
                        why
                                + "; from here on each comes at its commit, until this process is started again.",
                        null,
                        SourceFailure.Retry.SOON));
    }

    private static ReplicationException unknown(int xid, String does) {
        return new ReplicationException(
                Remedies.slowly(
                        "protocol",
                        "The server "
                                + does
                                + " transaction "
                                + Integer.toUnsignedString(xid)
                                + ", of which it has not sent the beginning.",
                        "Nothing was skipped and nothing after it is confirmed; set streaming to false if it persists."));
    }
}
