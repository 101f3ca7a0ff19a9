package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RelationMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Objects;

/**
 * A server's side of a stream, and the decoder that listens. Each message stands in the middle of a
 * buffer whose other bytes are none of its business, and which is in pieces.
 */
final class Talk {
    private static final byte[] STUFFING = {-1, 'I', 0, 0, 0, 7, -1};

    final PgOutputDecoder decoder;

    Talk(Interest interest, PrimaryKeys primaryKeys) {
        this.decoder = new PgOutputDecoder(interest, primaryKeys);
    }

    static Talk ofEverything() {
        return new Talk(Interest.ALL, PrimaryKeys.UNKNOWN);
    }

    /** The old row of an update that must have one. */
    static Row before(Update update) {
        return Objects.requireNonNull(update.before(), "no old row");
    }

    /** Inside a transaction of protocol 1. */
    static Talk inTransaction() {
        return ofEverything().with(Frames.begin());
    }

    Talk with(Bytes... messages) {
        hearAll(messages);
        return this;
    }

    void hearAll(Bytes... messages) {
        for (Bytes message : messages) {
            var _ = hear(message);
        }
    }

    PgOutputMessage hear(Bytes message) {
        return hear(message.toArray());
    }

    PgOutputMessage hear(byte[] message) {
        byte[] start = Arrays.copyOf(message, message.length / 2);
        byte[] rest = Arrays.copyOfRange(message, start.length, message.length);
        ByteBuf buffer = Unpooled.wrappedBuffer(STUFFING, start, rest, STUFFING);
        return decoder.decode(buffer, STUFFING.length, message.length);
    }

    Relation relation(Bytes message) {
        return ((RelationMessage) hear(message)).relation();
    }
}
