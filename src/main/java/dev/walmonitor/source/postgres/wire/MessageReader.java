package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one message, in order and never past its end. The policy for malformed input
 * stands here, once: what is short, long or out of bounds is a {@link ProtocolViolation} that names
 * the message, what was expected, what came and where; nothing is guessed or skipped.
 */
final class MessageReader {
    private final char type;
    private final ByteBuf in;
    private final int start;
    private final int end;
    private int at;

    MessageReader(byte type, ByteBuf in, int offset, int length) {
        this.type = (char) (type & 0xFF);
        this.in = in;
        this.start = offset;
        this.end = offset + length;
        this.at = offset;
    }

    int remaining() {
        return end - at;
    }

    byte int8(String what) {
        need(1, what);
        return in.getByte(at++);
    }

    int int16(String what) {
        need(2, what);
        at += 2;
        return in.getShort(at - 2);
    }

    int int32(String what) {
        need(4, what);
        at += 4;
        return in.getInt(at - 4);
    }

    /**
     * A count of things of at least {@code bytesEach} bytes, so that it bounds no more than came.
     */
    int count(int value, int bytesEach, String what) {
        if (value < 0 || (long) value * bytesEach > remaining()) {
            throw malformed(
                    what + " between 0 and " + remaining() / bytesEach, Integer.toString(value));
        }
        return value;
    }

    /** UTF-8 up to a zero byte, which is consumed. */
    String string(String what) {
        int nul = in.indexOf(at, end, (byte) 0);
        if (nul < 0) {
            throw malformed("a zero byte after " + what, "none");
        }
        String text = in.toString(at, nul - at, StandardCharsets.UTF_8);
        at = nul + 1;
        return text;
    }

    /** UTF-8 of a known length. */
    String text(int length, String what) {
        need(length, what);
        at += length;
        return in.toString(at - length, length, StandardCharsets.UTF_8);
    }

    void skip(int length, String what) {
        need(length, what);
        at += length;
    }

    /** The message must end here. */
    void finish() {
        if (at != end) {
            throw malformed("its end", remaining() + " more bytes");
        }
    }

    ProtocolViolation malformed(String expected, String got) {
        return new ProtocolViolation(
                "The server sent a malformed "
                        + BackendDecoder.name(type)
                        + ": expected "
                        + expected
                        + ", got "
                        + got
                        + ", at byte "
                        + (at - start)
                        + " of "
                        + (end - start)
                        + ".");
    }

    private void need(int bytes, String what) {
        if (bytes > end - at) {
            throw malformed(what + " (" + bytes + " bytes)", remaining() + " bytes");
        }
    }
}
