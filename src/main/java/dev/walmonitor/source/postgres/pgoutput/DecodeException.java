package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from the server that are not what the protocol promises. The stream cannot be read on: the
 * bytes that follow mean nothing any more, and nothing may be confirmed after them.
 *
 * <p>The message names what was expected, what came and where; never a row's value. Malformed input
 * is an answer and not a bug of ours, so there is no stack trace.
 */
public final class DecodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final byte messageType;
    private final int offset;

    /**
     * @param messageType the first byte of the message, 0 if it has none
     * @param offset of the field at fault, in bytes from the start of the message
     * @param table whose message it is, where that is known
     */
    DecodeException(
            String expected, String got, byte messageType, int offset, @Nullable TableName table) {
        super(describe(expected, got, messageType, offset, table), null, false, false);
        this.messageType = messageType;
        this.offset = offset;
    }

    /** The first byte of the message, 0 if it has none. */
    public byte messageType() {
        return messageType;
    }

    /** Where the field at fault begins, in bytes from the start of the message. */
    public int offset() {
        return offset;
    }

    private static String describe(
            String expected, String got, byte messageType, int offset, @Nullable TableName table) {
        return "Expected %s, got %s (message %s, byte %d%s)"
                .formatted(
                        expected,
                        got,
                        printable(messageType),
                        offset,
                        table == null ? "" : ", table " + table);
    }

    /** A byte as people read it in the protocol's description: a letter, or its number. */
    static String printable(byte b) {
        return b > ' ' && b < 0x7F ? "'" + (char) b + "'" : "0x%02X".formatted(b);
    }
}
