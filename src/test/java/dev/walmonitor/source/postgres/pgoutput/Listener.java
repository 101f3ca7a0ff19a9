package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Row;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Delete;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A client's side of a stream: takes frames apart and reads all that the messages hold. */
final class Listener implements ReplicationFrames.Sink {
    private final PgOutputDecoder decoder;
    private final Consumer<PgOutputMessage> told;
    private int keepalives;

    Listener(Interest interest, Consumer<PgOutputMessage> told) {
        this.decoder = new PgOutputDecoder(interest, PrimaryKeys.UNKNOWN);
        this.told = told;
    }

    /** The messages of a whole stream. */
    static List<PgOutputMessage> messages(CapturedFrames.Stream stream) {
        List<PgOutputMessage> messages = new ArrayList<>();
        Listener listener = new Listener(Interest.ALL, messages::add);
        for (byte[] frame : stream.frames()) {
            listener.hear(io.netty.buffer.Unpooled.wrappedBuffer(frame));
        }
        return messages;
    }

    void hear(ByteBuf frame) {
        ReplicationFrames.read(frame, frame.readerIndex(), frame.readableBytes(), this);
    }

    int keepalives() {
        return keepalives;
    }

    @Override
    public void xLogData(long start, long end, long clock, ByteBuf frame, int offset, int length) {
        PgOutputMessage message = decoder.decode(frame, offset, length);
        read(message);
        told.accept(message);
    }

    @Override
    public void keepalive(long end, long clock, boolean replyRequested) {
        keepalives++;
    }

    /** A row that was let through must be readable to its last column. */
    static void read(PgOutputMessage message) {
        switch (message) {
            case Insert insert -> read(insert.row());
            case Update update -> {
                Row before = update.before();
                if (before != null) {
                    read(before);
                }
                read(update.after());
            }
            case Delete delete -> read(delete.before());
            default -> {
                if (message.toString().isEmpty()) {
                    throw new AssertionError("Expected a message that can be printed");
                }
            }
        }
    }

    private static void read(Row row) {
        List<Integer> all = IntStream.range(0, row.size()).boxed().toList();
        int hash = row.hash(all);
        if (hash != row.hash(all)) {
            throw new AssertionError("Expected the same hash twice");
        }
        for (int i : all) {
            if (!row.value(i).equals(row.values().get(i))) {
                throw new AssertionError("Expected the same value twice in column " + i);
            }
        }
    }
}
