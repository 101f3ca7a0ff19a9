package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import io.netty.buffer.ByteBuf;

/**
 * The position that a message lets us confirm, held against the one that it was sent with: a server
 * says it in both places (the plugin's {@code end_lsn} is the walsender's write location). A server
 * believes any position that it is told, so one that a broken wire made larger would cost every
 * change before it.
 */
final class ConfirmablePlace {

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
        int at = place(type, message, offset, length);
        if (at == NONE || length < at + Long.BYTES) {
            return; // one that is too short is refused where it is read
        }
        long said = message.getLong(offset + at);
        if (said != start) {
            throw new DecodeException(
                    "the position " + new Lsn(start).text() + " that the message was sent with",
                    new Lsn(said).text(),
                    type,
                    at,
                    null);
        }
    }

    /** Where the position stands in the message. */
    private static int place(byte type, ByteBuf message, int offset, int length) {
        return switch (type) {
            // flags, another position
            case 'C', 'P', 'K', 'r', 'p' -> 1 + 1 + Long.BYTES;
            // transaction, flags, another position
            case 'c' -> 1 + Integer.BYTES + 1 + Long.BYTES;
            // flags; the place of a message within a transaction confirms nothing
            case 'M' -> length > 1 && message.getByte(offset + 1) == 0 ? 1 + 1 : NONE;
            default -> NONE;
        };
    }
}
