package dev.walmonitor.rule;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a value is written within a key. {@code %}, {@code :}, braces, {@code *}, {@code ?}, white
 * space and control characters (Unicode's categories Zs, Zl, Zp and Cc) become {@code %XX} a byte
 * of their UTF-8, in upper case; everything else stays as it is. Applications build the same keys,
 * so this can never change.
 */
public final class KeyCode {

    private KeyCode() {}

    /** Appends the value, written so. */
    public static void encode(String value, StringBuilder key) {
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            if (isReserved(c)) {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    key.append('%').append(hex(b >> 4)).append(hex(b));
                }
            } else {
                key.appendCodePoint(c);
            }
        }
    }

    /** The value that is written so; null if none is. */
    static @Nullable String decode(String written) {
        byte[] bytes = written.getBytes(StandardCharsets.UTF_8);
        byte[] value = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                value[length++] = bytes[i];
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            value[length++] = (byte) (high << 4 | low);
            i += 2;
        }
        String text = new String(value, 0, length, StandardCharsets.UTF_8);
        StringBuilder again = new StringBuilder(written.length());
        encode(text, again);
        return again.toString().equals(written) ? text : null;
    }

    /**
     * Whether a text between two values tells where the first one ends: no value holds all of it.
     */
    static boolean separates(String text) {
        return text.codePoints().anyMatch(c -> c != '%' && isReserved(c));
    }

    private static boolean isReserved(int c) {
        return switch (c) {
            case '%', ':', '{', '}', '*', '?' -> true;
            default ->
                    switch (Character.getType(c)) {
                        case Character.CONTROL,
                                Character.SPACE_SEPARATOR,
                                Character.LINE_SEPARATOR,
                                Character.PARAGRAPH_SEPARATOR ->
                                true;
                        default -> false;
                    };
        };
    }

    private static char hex(int nibble) {
        return "0123456789ABCDEF".charAt(nibble & 0xF);
    }
}
