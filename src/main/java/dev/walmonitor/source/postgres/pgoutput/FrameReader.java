package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message, read field by field and exactly to its end. Owned by one decoder, used again for
 * each of its messages.
 *
 * <p>The policy for malformed input stands here and nowhere else: every length is checked against
 * what is left before it is used, whatever is not as promised is a {@link DecodeException} that
 * names the field, and {@link #end} refuses what is left over. {@code what} in the methods below is
 * the field's name in such an error, and costs nothing otherwise.
 */
final class FrameReader {
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int start;
    private int end;
    private int next;
    private int field;
    private @Nullable Relation relation;

    /**
     * Goes to the start of a message.
     *
     * @param offset absolute, in {@code buffer}
     */
    void open(ByteBuf buffer, int offset, int length) {
        boolean held = offset >= 0 && length >= 0 && length <= buffer.writerIndex() - offset;
        this.buffer = buffer;
        this.start = held ? offset : 0;
        this.end = held ? offset + length : 0;
        this.next = start;
        this.field = start;
        this.relation = null;
        if (!held) {
            throw malformed(
                    "a message of " + length + " bytes at " + offset,
                    "a buffer of " + buffer.writerIndex() + " bytes");
        }
    }

    /** Names the table, if it is known, in the errors of this message from here on. */
    void about(@Nullable Relation relation) {
        this.relation = relation;
    }

    int remaining() {
        return end - next;
    }

    /** Where the next field begins, absolute in the buffer. */
    int position() {
        return next;
    }

    byte int8(String what) {
        return buffer.getByte(take(1, what));
    }

    short int16(String what) {
        return buffer.getShort(take(2, what));
    }

    int int32(String what) {
        return buffer.getInt(take(4, what));
    }

    long int64(String what) {
        return buffer.getLong(take(8, what));
    }

    Lsn lsn(String what) {
        return new Lsn(int64(what));
    }

    /** An LSN that the server always sets. */
    Lsn lsnSet(String what) {
        Lsn lsn = lsn(what);
        if (lsn.value() == 0) {
            throw malformed(what, "0/0");
        }
        return lsn;
    }

    Instant instant(String what) {
        return PostgresClock.toInstant(int64(what));
    }

    /** Text up to a zero byte, which is consumed too. */
    String string(String what) {
        field = next;
        int zero = buffer.indexOf(next, end, (byte) 0);
        if (zero < 0) {
            throw malformed(what + " up to a zero byte", remaining() + " bytes without one");
        }
        String text = buffer.toString(next, zero - next, StandardCharsets.UTF_8);
        next = zero + 1;
        return text;
    }

    /** An Int32 that says how many bytes follow. */
    int length(String what) {
        int length = int32(what);
        if (length < 0 || length > end - next) {
            throw malformed(what + " of 0 to " + remaining() + " bytes", Integer.toString(length));
        }
        return length;
    }

    /**
     * Checks a number of things that follow, before it is used to make room for them.
     *
     * @param count as it was read a moment ago
     * @param between bytes that stand between it and the first
     * @param size of the smallest possible one in bytes
     */
    int count(int count, int between, int size, String what) {
        int most = Math.max(0, end - next - between) / size;
        if (count < 0 || count > most) {
            throw malformed("0 to " + most + " " + what, Integer.toString(count));
        }
        return count;
    }

    /** Flags of which only those in {@code known} may be set. */
    byte flags(int known) {
        byte flags = int8("flags");
        if ((flags & ~known) != 0) {
            throw malformed(
                    known == 0 ? "no flags" : "no flags but 0x%02X".formatted(known),
                    "0x%02X".formatted(flags));
        }
        return flags;
    }

    /** A flag that stands alone in its byte. */
    boolean flag() {
        return flags(1) != 0;
    }

    void skip(int length) {
        require(length, "content");
        next += length;
    }

    /** A copy of what stands between two absolute positions, both of this message. */
    byte[] copy(int from, int to) {
        byte[] bytes = new byte[to - from];
        buffer.getBytes(from, bytes);
        return bytes;
    }

    /** Refuses what is left of the message. */
    void end() {
        if (next != end) {
            field = next;
            throw malformed("the end of the message", remaining() + " more bytes");
        }
    }

    /** The field that was read last is not what it should be. */
    DecodeException malformed(String expected, String got) {
        byte type = end > start ? buffer.getByte(start) : 0;
        return new DecodeException(
                expected, got, type, field - start, relation == null ? null : relation.table());
    }

    private int take(int size, String what) {
        require(size, what);
        field = next;
        next += size;
        return field;
    }

    private void require(int size, String what) {
        if (size > end - next) {
            field = next;
            throw malformed(what + " (" + size + " bytes)", remaining() + " bytes");
        }
    }
}
