package dev.walmonitor.source.postgres.wire;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An error or notice of the server (protocol chapter "Error and Notice Message Fields"), made safe
 * to show: texts are cut at {@value #MAX_TEXT} characters and hold no control or format characters.
 * {@link #detail} and {@link #where} can hold row values and stay out of {@link #toString}.
 *
 * @param severity ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG, not translated
 * @param sqlState five characters
 * @param where the context, such as "slot …, output plugin …, in the change callback …"
 * @param others the remaining fields by their protocol letter
 */
public record ServerMessage(
        String severity,
        String sqlState,
        String message,
        @Nullable String detail,
        @Nullable String hint,
        @Nullable String where,
        Map<Character, String> others) {

    static final int MAX_TEXT = 1024;

    /** From the fields by their letter. Lenient: a missing code counts as an internal error. */
    static ServerMessage of(Map<Character, String> fields) {
        SortedMap<Character, String> rest = new TreeMap<>();
        fields.forEach((letter, text) -> rest.put(letter, shown(text)));
        String translated = rest.remove('S');
        String severity = rest.remove('V');
        String code = rest.remove('C');
        String message = rest.remove('M');
        return new ServerMessage(
                severity != null ? severity : translated != null ? translated : "ERROR",
                code != null ? code : "XX000",
                message != null ? message : "(no message)",
                rest.remove('D'),
                rest.remove('H'),
                rest.remove('W'),
                Map.copyOf(rest));
    }

    /** The server closes the connection after it. */
    public boolean isFatal() {
        return severity.equals("FATAL") || severity.equals("PANIC");
    }

    /** {@code FATAL: role "x" does not exist (SQLSTATE 28000)}. */
    @Override
    public String toString() {
        return severity + ": " + message + " (SQLSTATE " + sqlState + ")";
    }

    /** A text from outside, as it may stand in a log or on a page. */
    static String shown(String text) {
        String whole = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
        return whole.codePoints()
                .map(c -> isShown(c) ? c : ' ')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    false;
            default -> true;
        };
    }
}
