package dev.walmonitor.source.postgres.types;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One value in binary form, read from its start to its end. Every read is checked against what is
 * left; what is not as promised is a {@link Malformed}, which stays within this package.
 */
final class BinaryValue {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Deeper than any type that somebody made; arrays and composites nest. */
    private static final int DEEPEST = 64;

    /** The bytes are not of the type; the value stays as it is. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    private final byte[] bytes;
    private final int end;
    private final int depth;
    private int next;

    BinaryValue(byte[] bytes, int from, int to) {
        this(bytes, from, to, 0);
    }

    private BinaryValue(byte[] bytes, int from, int to, int depth) {
        this.bytes = bytes;
        this.next = from;
        this.end = to;
        this.depth = depth;
    }

    int remaining() {
        return end - next;
    }

    byte int8() {
        return bytes[take(1)];
    }

    short int16() {
        return (short) SHORT.get(bytes, take(2));
    }

    int int32() {
        return (int) INT.get(bytes, take(4));
    }

    long int64() {
        return (long) LONG.get(bytes, take(8));
    }

    double float8() {
        return Double.longBitsToDouble(int64());
    }

    /** A number of things that follow, each of at least {@code size} bytes. */
    int count(int size) {
        int count = int32();
        if (count < 0 || count > remaining() / size) {
            throw new Malformed();
        }
        return count;
    }

    /** All that is left, as text. */
    String rest() {
        int length = remaining();
        return new String(bytes, take(length), length, StandardCharsets.UTF_8);
    }

    /** Text up to a zero byte, which is consumed too. */
    String untilZero() {
        int from = next;
        while (int8() != 0) {}
        return new String(bytes, from, next - 1 - from, StandardCharsets.UTF_8);
    }

    /** A value within this one, of the given length. */
    BinaryValue within(int length) {
        if (length < 0 || depth == DEEPEST) {
            throw new Malformed();
        }
        int from = take(length);
        return new BinaryValue(bytes, from, from + length, depth + 1);
    }

    void end() {
        if (next != end) {
            throw new Malformed();
        }
    }

    private int take(int size) {
        if (size > end - next) {
            throw new Malformed();
        }
        int at = next;
        next += size;
        return at;
    }
}
