package dev.walmonitor.rule;

import java.nio.charset.StandardCharsets;

/**
 * How a value is written within a key. {@code %}, {@code :}, braces, {@code *}, {@code ?}, white
 * space and control characters (Unicode's categories Zs, Zl, Zp and Cc) become {@code %XX} a byte
 * of their UTF-8, in upper case; everything else stays as it is. Applications build the same keys,
 * so this can never change.
 */
final class KeyCode {

    private KeyCode() {}

    static void encode(String value, StringBuilder key) {
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
