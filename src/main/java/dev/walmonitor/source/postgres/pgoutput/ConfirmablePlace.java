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

    private ConfirmablePlace() {}

    /**
     * @param start of the log where the message belongs, as XLogData has it
     * @throws DecodeException if the message says otherwise
     */
    static void check(long start, ByteBuf message, int offset, int length) {
        byte type = length == 0 ? 0 : message.getByte(offset);
        switch (type) {
            // flags, another position
            case 'C', 'P', 'K', 'r', 'p' -> check(start, message, offset, length, 1 + 1 + 8);
            // transaction, flags, another position
            case 'c' -> check(start, message, offset, length, 1 + 4 + 1 + 8);
            case 'M' -> checkLogical(start, message, offset, length);
            default -> {}
        }
    }

    /** Flags and position; within a block of a streamed transaction, that transaction first. */
    private static void checkLogical(long start, ByteBuf message, int offset, int length) {
        int flags = 1;
        boolean streamed = length >= 1 + 4 + 1 + 8 && message.getLong(offset + 1 + 4 + 1) == start;
        if (!streamed && length > flags && message.getByte(offset + flags) == 0) {
            check(start, message, offset, length, flags + 1);
        }
    }

    /** A message that is too short for the position is refused where it is read. */
    private static void check(long start, ByteBuf message, int offset, int length, int at) {
        if (length < at + Long.BYTES) {
            return;
        }
        long said = message.getLong(offset + at);
        if (said != start) {
            throw new DecodeException(
                    "the position " + new Lsn(start).text() + " that the message was sent with",
                    new Lsn(said).text(),
                    message.getByte(offset),
                    at,
                    null);
        }
    }
}
