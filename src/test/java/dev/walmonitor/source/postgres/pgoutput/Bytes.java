package dev.walmonitor.source.postgres.pgoutput;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A message written down field by field, as the protocol's description lists them. */
final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static Bytes message(char type) {
        return new Bytes().byte1(type);
    }

    static Bytes nothing() {
        return new Bytes();
    }

    Bytes byte1(char value) {
        out.write(value);
        return this;
    }

    Bytes int8(int value) {
        out.write(value);
        return this;
    }

    Bytes int16(int value) {
        return bytes(ByteBuffer.allocate(2).putShort((short) value).array());
    }

    Bytes int32(int value) {
        return bytes(ByteBuffer.allocate(4).putInt(value).array());
    }

    Bytes int64(long value) {
        return bytes(ByteBuffer.allocate(8).putLong(value).array());
    }

    Bytes string(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8)).int8(0);
    }

    Bytes bytes(byte... value) {
        out.writeBytes(value);
        return this;
    }

    /** TupleData's number of columns; {@link #text} and so on follow. */
    Bytes tuple(int columns) {
        return int16(columns);
    }

    Bytes text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return byte1('t').int32(utf8.length).bytes(utf8);
    }

    Bytes binary(int... value) {
        byte[] bytes = new byte[value.length];
        for (int i = 0; i < value.length; i++) {
            bytes[i] = (byte) value[i];
        }
        return byte1('b').int32(bytes.length).bytes(bytes);
    }

    Bytes none() {
        return byte1('n');
    }

    Bytes unchanged() {
        return byte1('u');
    }

    byte[] toArray() {
        return out.toByteArray();
    }
}
