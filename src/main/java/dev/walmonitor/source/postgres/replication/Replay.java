package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamCommit;
import dev.walmonitor.source.postgres.spill.SpilledTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/**
 * A committed transaction, read from its file as if the server sent it now: a piece at a time, and
 * only while somebody wants more. Owned by the connection's event loop.
 */
final class Replay {
    private final SpilledTransaction spilled;
    private final StreamCommit commit;
    private final Reader reader;
    private final Runnable done;
    private final Consumer<Throwable> failed;
    private ByteBuf records = Unpooled.EMPTY_BUFFER;
    private boolean busy;
    private boolean over;

    /** Takes the transaction. */
    interface Reader {
        void beginReplay(StreamCommit commit);

        /** One message; whether the next one is wanted. */
        boolean replay(ByteBuf records, int offset, int length);

        void endReplay(StreamCommit commit);

        /** Hands on what has been read; whether more is wanted. */
        boolean flush();
    }

    /**
     * @param done when the transaction was read to its end
     */
    Replay(
            SpilledTransaction spilled,
            StreamCommit commit,
            Reader reader,
            Runnable done,
            Consumer<Throwable> failed) {
        this.spilled = spilled;
        this.commit = commit;
        this.reader = reader;
        this.done = done;
        this.failed = failed;
        reader.beginReplay(commit);
    }

    /** Reads on, as far as is wanted. */
    void goOn() {
        if (over || busy) {
            return;
        }
        busy = true;
        boolean wanted = false;
        try {
            wanted = reader.flush() && readRecords();
        } catch (RuntimeException e) {
            failed.accept(e);
        }
        busy = wanted;
        if (wanted) {
            fetch();
        }
    }

    /** Whether all that is there was read, and more is wanted. */
    private boolean readRecords() {
        boolean wanted = true;
        while (wanted && records.isReadable()) {
            int length = records.readInt();
            wanted = reader.replay(records, records.readerIndex(), length);
            records.skipBytes(length);
        }
        return wanted && reader.flush();
    }

    private void fetch() {
        spilled.next()
                .onComplete(next -> {
                    busy = false;
                    if (over) {
                        return;
                    }
                    if (next.failed()) {
                        failed.accept(next.cause());
                    } else if (next.result().isReadable()) {
                        records = next.result();
                        goOn();
                    } else {
                        finish();
                    }
                });
    }

    private void finish() {
        close();
        reader.endReplay(commit);
        var _ = reader.flush();
        done.run();
    }

    void close() {
        over = true;
        spilled.discard();
    }
}
