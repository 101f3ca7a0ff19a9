package dev.walmonitor.source.postgres.wire;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Quoting for SQL and for replication commands. Sound only on a {@link WireConnection}, whose
 * session has {@code standard_conforming_strings=on} pinned.
 */
public final class Sql {
    /** NAMEDATALEN - 1: a longer name would be cut by the server without an error. */
    private static final int MAX_IDENTIFIER_BYTES = 63;

    private Sql() {}

    /**
     * A name, always in double quotes, so that its case is kept.
     *
     * @throws IllegalArgumentException if it is empty, longer than 63 bytes, holds a control
     *     character, or is not Unicode text
     */
    public static String identifier(String name) {
        int bytes = checkedLength("a name", name);
        if (bytes == 0 || bytes > MAX_IDENTIFIER_BYTES) {
            throw new IllegalArgumentException(
                    "Expected a name of 1 to "
                            + MAX_IDENTIFIER_BYTES
                            + " bytes, got "
                            + bytes
                            + " bytes");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * A text in single quotes.
     *
     * @throws IllegalArgumentException if it holds a control character or is not Unicode text
     */
    public static String literal(String text) {
        var _ = checkedLength("a text", text);
        return "'" + text.replace("'", "''") + "'";
    }

    private static int checkedLength(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException(
                        "Expected %s without control characters, got U+%04X at character %d"
                                .formatted(what, (int) text.charAt(i), i));
            }
        }
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "Expected " + what + " in Unicode, got a lone surrogate", e);
        }
    }
}
