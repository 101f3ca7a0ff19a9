package dev.walmonitor.handler.json;

/**
 * The text of one array, such as <code>[0:1]={1,"a b"}</code>, read from its start to its end and
 * written as JSON: lower bounds are left out, dimensions nest.
 */
final class ArrayJson {
    /** As many dimensions as the server allows. */
    private static final int DEEPEST = 6;

    private final StringBuilder out;
    private final Shape element;
    private final char delimiter;
    private final String text;
    private int at;

    private ArrayJson(StringBuilder out, Shape.ArrayOf array, String text) {
        this.out = out;
        this.element = array.element();
        this.delimiter = array.delimiter();
        this.text = text;
    }

    static boolean append(StringBuilder out, Shape.ArrayOf array, String text) {
        ArrayJson one = new ArrayJson(out, array, text);
        if (text.startsWith("[")) {
            one.at = text.indexOf('=') + 1;
        }
        return one.next() == '{' && one.list(1) && one.at == text.length();
    }

    /** The sign that comes next; none is as good as one that stands nowhere. */
    private char next() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean list(int depth) {
        at++;
        out.append('[');
        if (next() == '}') {
            at++;
            out.append(']');
            return true;
        }
        while (depth <= DEEPEST && item(depth)) {
            char behind = next();
            at++;
            if (behind == '}') {
                out.append(']');
                return true;
            }
            if (behind != delimiter) {
                return false;
            }
            out.append(", ");
        }
        return false;
    }

    private boolean item(int depth) {
        return switch (next()) {
            case '{' -> list(depth + 1);
            case '"' -> quoted();
            default -> bare();
        };
    }

    private boolean bare() {
        int from = at;
        while (at < text.length() && text.charAt(at) != delimiter && text.charAt(at) != '}') {
            at++;
        }
        String value = text.substring(from, at);
        if (value.equals("NULL")) {
            out.append("null");
            return true;
        }
        return !value.isEmpty() && ValueJson.append(out, element, value);
    }

    /** A backslash stands before what would end the quotes, and before itself. */
    private boolean quoted() {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return ValueJson.append(out, element, value.toString());
            }
            if (c == '\\') {
                at++;
            }
            value.append(next());
        }
        return false;
    }
}
