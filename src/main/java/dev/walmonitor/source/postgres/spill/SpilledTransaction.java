package dev.walmonitor.source.postgres.spill;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One transaction in its file. What it holds is decided on the event loop; the file is touched by
 * {@link Spool}'s turns on the disk alone.
 */
public final class SpilledTransaction {
    private final Spool spool;
    private final SubTransactions subTransactions = new SubTransactions();
    private @Nullable SpillFile file;
    private long length;
    private long extent;
    private long read;
    private boolean discarded;

    SpilledTransaction(Spool spool) {
        this.spool = spool;
    }

    /** A record of this many bytes, length included, is about to be added. */
    void adding(boolean subTransaction, int subXid, int bytes) {
        if (subTransaction) {
            subTransactions.seen(subXid, length);
        }
        length += bytes;
        extent = Math.max(extent, length);
    }

    void rolledBack(int subXid) {
        length = subTransactions.rolledBack(subXid, length);
    }

    long length() {
        return length;
    }

    /** What it takes on disk, in bytes. */
    long extent() {
        return extent;
    }

    /** On the disk's turn. */
    void write(Path directory, ByteBuffer bytes, long position) throws IOException {
        SpillFile open = file;
        if (open == null) {
            open = SpillFile.open(directory);
            file = open;
        }
        open.write(bytes, position);
    }

    /** On the disk's turn. */
    void closeFile() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    /**
     * The next records, whole ones, each behind its length (Int32); empty at the end. Not to be
     * asked again before it has answered.
     */
    public Future<ByteBuf> next() {
        long from = read;
        long end = length;
        if (from == end) {
            return Future.succeededFuture(Unpooled.EMPTY_BUFFER);
        }
        return spool.turn(() -> records(from, end))
                .map(records -> {
                    read = from + records.remaining();
                    return Unpooled.wrappedBuffer(records);
                });
    }

    private ByteBuffer records(long from, long end) throws IOException {
        if (file == null) {
            throw new IOException("Expected a spill file, got none");
        }
        return file.records(from, end);
    }

    /** It is done with, or given up. */
    public void discard() {
        if (!discarded) {
            discarded = true;
            spool.discard(this);
        }
    }
}
