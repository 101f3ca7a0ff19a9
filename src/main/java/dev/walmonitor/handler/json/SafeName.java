package dev.walmonitor.handler.json;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A name as it can stand in an identifier or a header: ASCII letters, digits, {@code -} and {@code
 * _} are themselves, every other byte of its UTF-8 is {@code %XX}. Two names are never written
 * alike. Receivers keep what is made of it, so this can never change.
 */
public final class SafeName {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private SafeName() {}

    /** The name, written so. */
    public static String of(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isSafe(b)) {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.toHexDigits(b));
            }
        }
        return out.toString();
    }

    private static boolean isSafe(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '_';
    }
}
