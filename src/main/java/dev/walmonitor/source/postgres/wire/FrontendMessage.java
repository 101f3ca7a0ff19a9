package dev.walmonitor.source.postgres.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Our own messages as bytes. Pure functions. */
final class FrontendMessage {
    private static final int PROTOCOL_3_0 = 196_608;
    private static final int SSL_REQUEST = 80_877_103;

    /**
     * What decoders and quoting rely on, whatever the role or the database sets: text forms as
     * libpqwalreceiver pins them, and backslashes in literals that mean nothing.
     */
    static final Map<String, String> PINNED_SETTINGS = pinned();

    private FrontendMessage() {}

    static Buffer sslRequest() {
        return Buffer.buffer(8).appendInt(8).appendInt(SSL_REQUEST);
    }

    /** StartupMessage of a plain or a logical replication connection. */
    static Buffer startup(String user, WireOptions options) {
        StringBuilder settings = new StringBuilder();
        PINNED_SETTINGS.forEach((name, value) -> appendSetting(settings, name, value));
        options.settings().forEach((name, value) -> appendSetting(settings, name, value));
        Buffer body = Buffer.buffer(256).appendInt(PROTOCOL_3_0);
        appendParameter(body, "user", user);
        appendParameter(body, "database", options.database());
        if (options.replication()) {
            appendParameter(body, "replication", "database");
        }
        appendParameter(body, "application_name", options.applicationName());
        appendParameter(body, "client_encoding", "UTF8");
        appendParameter(body, "options", settings.toString());
        body.appendByte((byte) 0);
        return Buffer.buffer(4 + body.length()).appendInt(4 + body.length()).appendBuffer(body);
    }

    static Buffer password(byte[] password) {
        return message('p', Buffer.buffer().appendBytes(password).appendByte((byte) 0));
    }

    static Buffer saslInitialResponse(String mechanism, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        Buffer body = Buffer.buffer();
        appendString(body, mechanism);
        return message('p', body.appendInt(bytes.length).appendBytes(bytes));
    }

    static Buffer saslResponse(String data) {
        return message('p', Buffer.buffer(data));
    }

    /** {@code sql} must not hold a zero character. */
    static Buffer query(String sql) {
        Buffer body = Buffer.buffer();
        appendString(body, sql);
        return message('Q', body);
    }

    static Buffer copyData(Buffer payload) {
        return message('d', payload);
    }

    static Buffer copyDone() {
        return message('c', Buffer.buffer());
    }

    static Buffer terminate() {
        return message('X', Buffer.buffer());
    }

    /** The bytes of a password, for the caller to wipe. */
    static byte[] utf8(char[] text) {
        ByteBuffer room = ByteBuffer.allocate(4 * text.length);
        CoderResult _ =
                StandardCharsets.UTF_8
                        .newEncoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .encode(CharBuffer.wrap(text), room, true);
        byte[] bytes = Arrays.copyOf(room.array(), room.position());
        Arrays.fill(room.array(), (byte) 0);
        return bytes;
    }

    /**
     * A text that may stand in a StartupMessage.
     *
     * @throws IllegalArgumentException if it holds a control character
     */
    static String startupText(String what, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("Expected no control characters in the " + what);
        }
        return text;
    }

    private static Map<String, String> pinned() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("datestyle", "ISO");
        all.put("intervalstyle", "postgres");
        all.put("extra_float_digits", "3");
        all.put("bytea_output", "hex");
        all.put("timezone", "UTC");
        all.put("standard_conforming_strings", "on");
        return Collections.unmodifiableMap(all);
    }

    /** The server splits options at spaces and takes a backslash as escape. */
    private static void appendSetting(StringBuilder to, String name, String value) {
        to.append(to.isEmpty() ? "-c " : " -c ").append(name).append('=');
        value.codePoints()
                .forEach(c -> {
                    if (c == ' ' || c == '\\') {
                        to.append('\\');
                    }
                    to.appendCodePoint(c);
                });
    }

    private static void appendParameter(Buffer to, String name, String value) {
        appendString(to, name);
        appendString(to, value);
    }

    private static void appendString(Buffer to, String text) {
        to.appendString(text).appendByte((byte) 0);
    }

    private static Buffer message(char type, Buffer body) {
        return Buffer.buffer(5 + body.length())
                .appendByte((byte) type)
                .appendInt(4 + body.length())
                .appendBuffer(body);
    }
}
