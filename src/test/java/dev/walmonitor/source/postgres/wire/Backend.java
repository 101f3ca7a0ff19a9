package dev.walmonitor.source.postgres.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's messages as bytes, written from the protocol's description. */
final class Backend {
    private Backend() {}

    static byte[] message(char type, byte[]... parts) {
        byte[] body = concat(parts);
        return concat(new byte[] {(byte) type}, int32(4 + body.length), body);
    }

    static byte[] authenticationOk() {
        return message('R', int32(0));
    }

    static byte[] authentication(int code, byte[]... data) {
        return message('R', int32(code), concat(data));
    }

    static byte[] sasl(String... mechanisms) {
        byte[] all = new byte[0];
        for (String mechanism : mechanisms) {
            all = concat(all, string(mechanism));
        }
        return authentication(10, all, new byte[1]);
    }

    static byte[] parameter(String name, String value) {
        return message('S', string(name), string(value));
    }

    static byte[] keyData(int processId, int keyBytes) {
        return message('K', int32(processId), new byte[keyBytes]);
    }

    static byte[] ready() {
        return message('Z', new byte[] {'I'});
    }

    static byte[] columns(String... names) {
        byte[] all = int16(names.length);
        for (String name : names) {
            all =
                    concat(
                            all,
                            string(name),
                            int32(0),
                            int16(0),
                            int32(25),
                            int16(-1),
                            int32(-1),
                            int16(0));
        }
        return message('T', all);
    }

    static byte[] row(@Nullable String... values) {
        byte[] all = int16(values.length);
        for (String value : values) {
            byte[] text = value == null ? new byte[0] : utf8(value);
            all = concat(all, int32(value == null ? -1 : text.length), text);
        }
        return message('D', all);
    }

    static byte[] complete(String tag) {
        return message('C', string(tag));
    }

    static byte[] error(String severity, String code, String text) {
        return fields('E', Map.of('S', severity, 'V', severity, 'C', code, 'M', text));
    }

    static byte[] notice(String severity, String code, String text) {
        return fields('N', Map.of('S', severity, 'V', severity, 'C', code, 'M', text));
    }

    static byte[] fields(char type, Map<Character, String> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach((letter, text) -> {
            out.write(letter);
            out.writeBytes(string(text));
        });
        out.write(0);
        return message(type, out.toByteArray());
    }

    static byte[] copyBoth() {
        return message('W', new byte[1], int16(0));
    }

    static byte[] copyData(String payload) {
        return message('d', utf8(payload));
    }

    static byte[] copyDone() {
        return message('c');
    }

    /** The end of a start-up. */
    static byte[] greeting() {
        return concat(
                authenticationOk(),
                parameter("server_version", "18.6"),
                parameter("client_encoding", "UTF8"),
                keyData(4711, 4),
                ready());
    }

    static byte[] string(String text) {
        return concat(utf8(text), new byte[1]);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] int16(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
