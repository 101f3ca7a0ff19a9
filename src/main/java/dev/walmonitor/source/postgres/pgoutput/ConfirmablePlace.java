package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import io.netty.buffer.ByteBuf;

/**
 * The position that a message lets us confirm, held against the one that it was sent with: a server
 * says it in both places (the plugin's {@code end_lsn} is the walsender's write location). A server
 * believes any position that it is told, so one that a broken wire made larger would cost every
 * change before it.
 */
public final class ConfirmablePlace {

    /** The message says no such position. */
    private static final int NONE = -1;

    private ConfirmablePlace() {}

    /**
     * @param start of the log where the message belongs, as XLogData has it
     * @throws DecodeException if the message says otherwise
     */
    static void check(long start, ByteBuf message, int offset, int length) {
        if (length == 0) {
            return;
        }
        byte type = message.getByte(offset);
        int at = place(type);
        if (at == NONE || length < at + Long.BYTES) {
            return; // one that is too short is refused where it is read
        }
        same(start, message.getLong(offset + at), type, at);
    }

    /**
     * As {@link #check}, for a message that stands alone in the log; only one who decodes knows it
     * from a message within a transaction.
     *
     * @throws DecodeException if the message says otherwise
     */
    public static void check(long start, PgOutputMessage.LogicalMessage message) {
        if (!message.transactional()) {
            same(start, message.lsn().value(), (byte) 'M', 1 + 1);
        }
    }

    private static void same(long sent, long said, byte type, int at) {
        if (said != sent) {
            throw new DecodeException(
                    "the position " + new Lsn(sent).text() + " that the message was sent with",
                    new Lsn(said).text(),
                    type,
                    at,
                    null);
        }
    }

    /** Where the position stands in the message. */
    private static int place(byte type) {
        return switch (type) {
            // flags, another position
            case 'C', 'P', 'K', 'r', 'p' -> 1 + 1 + Long.BYTES;
            // transaction, flags, another position
            case 'c' -> 1 + Integer.BYTES + 1 + Long.BYTES;
            default -> NONE;
        };
    }
}
