package dev.walmonitor.change;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place in somebody's trace that work belongs to, as W3C Trace Context writes it. Both texts
 * are printable ASCII, so they may stand in a header as they are.
 *
 * @param traceparent of version 00: {@code 00-TRACE_ID-PARENT_ID-FLAGS}, 55 characters
 * @param tracestate what the tracing systems on the way keep for themselves; null if nothing
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {
    private static final int LENGTH = 55;
    private static final int LONGEST_STATE = 512;

    /** What is looked at of a message; a longer one is none of ours. */
    private static final int LONGEST = LENGTH + 1 + LONGEST_STATE + 64;

    private static final Pattern PARENT =
            Pattern.compile(
                    "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32}-)(?!0{16})([0-9a-f]{16}-[0-9a-f]{2})");

    private static final Pattern STATE =
            Pattern.compile("[\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?");

    /**
     * Reads a traceparent, and a tracestate from a second line if there is one. A tracestate that
     * cannot be one is left out, and so is what a later version of the format has added.
     *
     * @return null if the text is not a traceparent
     */
    public static @Nullable TraceContext parse(byte[] text) {
        return text.length < LENGTH || text.length > LONGEST
                ? null
                : parse(new String(text, StandardCharsets.US_ASCII));
    }

    private static @Nullable TraceContext parse(String text) {
        int end = text.indexOf('\n');
        String first = (end < 0 ? text : text.substring(0, end)).strip();
        String second = end < 0 ? "" : text.substring(end + 1).strip();
        boolean later = !first.startsWith("00-");
        if (first.length() < LENGTH
                || (first.length() > LENGTH && !(later && first.charAt(LENGTH) == '-'))) {
            return null;
        }
        var parts = PARENT.matcher(first.substring(0, LENGTH));
        return parts.matches()
                ? new TraceContext("00-" + parts.group(1) + parts.group(2), state(second))
                : null;
    }

    private static @Nullable String state(String text) {
        return text.length() <= LONGEST_STATE && STATE.matcher(text).matches() ? text : null;
    }

    /** 32 hexadecimal digits. */
    public String traceId() {
        return traceparent.substring(3, 35);
    }

    /** 16 hexadecimal digits. */
    public String parentId() {
        return traceparent.substring(36, 52);
    }

    /** Two hexadecimal digits. */
    public String flags() {
        return traceparent.substring(53);
    }
}
