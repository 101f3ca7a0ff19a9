package dev.walmonitor.handler.json;

import java.math.BigDecimal;

/**
 * A value's text as JSON. Each method appends to {@code out} and says whether it could: if not, the
 * text is not what the type's values look like, and what was appended is to be thrown away.
 */
final class ValueJson {
    /** Longer than the longest text of a float8, which has 24 signs. */
    private static final int LONGEST_FLOAT = 32;

    private ValueJson() {}

    static boolean append(StringBuilder out, Shape shape, String text) {
        return switch (shape) {
            case Shape.Scalar scalar -> scalar(out, scalar, text);
            case Shape.ArrayOf array -> ArrayJson.append(out, array, text);
            case Shape.VectorOf vector -> vector(out, vector.element(), text);
            case Shape.Opaque.OPAQUE -> false;
        };
    }

    private static boolean scalar(StringBuilder out, Shape.Scalar scalar, String text) {
        return switch (scalar) {
            case TEXT -> string(out, text);
            case BOOL -> bool(out, text);
            case NUMBER -> isPlainNumber(text) ? raw(out, text) : notFinite(out, text);
            case FLOAT -> real(out, text);
            case TIMESTAMP -> moment(out, text, "", "");
            case TIMESTAMPTZ -> moment(out, text, "+00", ":00");
            case JSON -> JsonText.append(out, text);
            case JSONB -> raw(out, text);
        };
    }

    private static boolean raw(StringBuilder out, String text) {
        out.append(text);
        return true;
    }

    private static boolean string(StringBuilder out, String text) {
        JsonString.append(out, text);
        return true;
    }

    private static boolean bool(StringBuilder out, String text) {
        return switch (text) {
            case "t" -> raw(out, "true");
            case "f" -> raw(out, "false");
            default -> false;
        };
    }

    /** A sign, digits, and perhaps a point and digits. */
    static boolean isPlainNumber(String text) {
        int first = text.startsWith("-") ? 1 : 0;
        int point = -1;
        for (int i = first; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' && point < 0 && i > first) {
                point = i;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return text.length() > first && point != text.length() - 1;
    }

    private static boolean notFinite(StringBuilder out, String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> string(out, text);
            default -> false;
        };
    }

    private static boolean real(StringBuilder out, String text) {
        if (isPlainNumber(text)) {
            return raw(out, text.equals("-0") ? "0" : text);
        }
        if (text.indexOf('e') < 0 || text.length() > LONGEST_FLOAT) {
            return notFinite(out, text);
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs(number.scale()) <= 400 && raw(out, number.toPlainString());
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /**
     * A date and a time, in ISO 8601 with a T between them.
     *
     * @param zone what has to stand behind the time
     * @param more what has to follow that
     */
    private static boolean moment(StringBuilder out, String text, String zone, String more) {
        if (text.equals("infinity") || text.equals("-infinity")) {
            return string(out, text);
        }
        int space = text.indexOf(' ');
        int end = text.endsWith(" BC") ? text.length() - 3 : text.length();
        if (space < 0 || space >= end || !isMoment(text, end) || !endsAt(text, zone, end)) {
            return false;
        }
        out.append('"').append(text, 0, space).append('T').append(text, space + 1, end);
        out.append(more).append(text, end, text.length()).append('"');
        return true;
    }

    private static boolean endsAt(String text, String ending, int end) {
        return text.startsWith(ending, end - ending.length());
    }

    private static boolean isMoment(String text, int end) {
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > ':') && c != '-' && c != '.' && c != '+' && c != ' ') {
                return false;
            }
        }
        return true;
    }

    private static boolean vector(StringBuilder out, Shape.Scalar element, String text) {
        out.append('[');
        int from = 0;
        while (from < text.length()) {
            int space = text.indexOf(' ', from);
            int to = space < 0 ? text.length() : space;
            out.append(from == 0 ? "" : ", ");
            if (!scalar(out, element, text.substring(from, to))) {
                return false;
            }
            from = to + 1;
        }
        out.append(']');
        return true;
    }
}
