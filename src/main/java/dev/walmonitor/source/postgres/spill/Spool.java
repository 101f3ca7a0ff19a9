package dev.walmonitor.source.postgres.spill;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one stream that are in progress, each in a file. Owned by the connection's
 * event loop, which never waits for the disk: at most two buffers are filled before the stream has
 * to.
 */
public final class Spool {
    private static final int BUFFER = 256 << 10;
    private static final int LARGE = 1 << 20;

    /** Where the messages come from. */
    public interface Inflow {
        /** Nothing may be added, begun or ended before {@link #goOn}. */
        void pause();

        void goOn();

        /** The disk refused; the spool is spent. */
        void failed(Throwable failure);
    }

    private final Path directory;
    private final Disk disk;
    private final Inflow inflow;
    private final IntObjectMap<SpilledTransaction> transactions = new IntObjectHashMap<>();
    private Future<?> last = Future.succeededFuture();
    private ByteBuf filling = Unpooled.buffer(BUFFER);
    private ByteBuf spare = Unpooled.buffer(BUFFER);
    private @Nullable SpilledTransaction open;
    private int openXid;
    private long bytes;
    private boolean writing;
    private @Nullable SpilledTransaction waiting;
    private boolean closed;

    public Spool(Path directory, Disk disk, Inflow inflow) {
        this.directory = directory;
        this.disk = disk;
        this.inflow = inflow;
    }

    /** Fails if no file can be made there. */
    public static Future<Void> check(Path directory, Disk disk) {
        return disk.run(
                        () -> {
                            SpillFile.open(directory).close();
                            return true;
                        })
                .mapEmpty();
    }

    /** What all transactions take on disk, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** Whether there is an open block, to which messages are added. */
    public boolean isOpen() {
        return open != null;
    }

    /**
     * A block of a transaction begins.
     *
     * @param first whether it is its first
     * @return false if it is not, and the transaction is not known
     */
    public boolean start(int xid, boolean first) {
        if (first) {
            SpilledTransaction before = transactions.put(xid, new SpilledTransaction(this));
            if (before != null) {
                before.discard();
            }
        }
        open = transactions.get(xid);
        openXid = xid;
        return open != null;
    }

    /**
     * A record of the open block: a byte, and what stands {@code in} a buffer.
     *
     * @param subXid the transaction itself, or the sub-transaction with which it may be rolled back
     * @param trailer is put behind it, unless null
     */
    public void add(
            int subXid, byte first, ByteBuf in, int offset, int length, @Nullable Integer trailer) {
        SpilledTransaction to = opened();
        int size = 1 + length + (trailer == null ? 0 : Integer.BYTES);
        bytes -= to.extent();
        to.adding(subXid != openXid, subXid, Integer.BYTES + size);
        bytes += to.extent();
        filling.writeInt(size).writeByte(first).writeBytes(in, offset, length);
        if (trailer != null) {
            filling.writeInt(trailer);
        }
        if (filling.readableBytes() >= BUFFER) {
            flush(to);
        }
    }

    /** The block ends. */
    public void stop() {
        flush(opened());
        open = null;
    }

    private SpilledTransaction opened() {
        if (open == null) {
            throw new IllegalStateException("Expected an open block, got none");
        }
        return open;
    }

    /**
     * A transaction is rolled back, or a sub-transaction of it.
     *
     * @return false if the transaction is not known
     */
    public boolean abort(int xid, int subXid) {
        SpilledTransaction known = transactions.get(xid);
        if (known == null) {
            return false;
        }
        if (subXid == xid) {
            transactions.remove(xid);
            known.discard();
        } else {
            known.rolledBack(subXid);
        }
        return true;
    }

    /** The transaction is committed, to be read now; null if it is not known. */
    public @Nullable SpilledTransaction commit(int xid) {
        return transactions.remove(xid);
    }

    /** The stream is over. What is being read is discarded by its reader. */
    public void close() {
        if (!closed) {
            closed = true;
            List.copyOf(transactions.values()).forEach(SpilledTransaction::discard);
            transactions.clear();
        }
    }

    /** Runs on the disk after everything that was asked of it before, failed or not. */
    <T> Future<T> turn(Callable<T> work) {
        Future<T> next = last.transform(before -> disk.run(work));
        last = next;
        return next;
    }

    void discard(SpilledTransaction transaction) {
        bytes -= transaction.extent();
        var _ =
                turn(() -> {
                    transaction.closeFile();
                    return true;
                });
    }

    private void flush(SpilledTransaction to) {
        if (!filling.isReadable()) {
            return;
        }
        if (!writing) {
            write(to);
        } else if (waiting == null) {
            waiting = to;
            inflow.pause();
        }
    }

    private void write(SpilledTransaction to) {
        ByteBuf full = filling;
        filling = spare;
        long position = to.length() - full.readableBytes();
        writing = true;
        Future<Boolean> written =
                turn(() -> {
                    to.write(directory, full.nioBuffer(), position);
                    return true;
                });
        written.onComplete(done -> {
            writing = false;
            spare = full.capacity() > LARGE ? Unpooled.buffer(BUFFER) : full.clear();
            if (closed) {
                return;
            }
            if (done.failed()) {
                inflow.failed(done.cause());
            } else {
                caughtUp();
            }
        });
    }

    private void caughtUp() {
        SpilledTransaction next = waiting;
        if (next != null) {
            waiting = null;
            write(next);
            inflow.goOn();
        }
    }
}
