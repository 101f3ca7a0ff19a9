package dev.walmonitor.source.postgres.types;

/** How parts are quoted within the text of an array, a composite or a range. */
final class Quoting {

    private Quoting() {}

    /** An element of an array; a backslash stands before what would end it. */
    static void element(StringBuilder out, String text, char delimiter) {
        boolean bare = !text.equalsIgnoreCase("null") && isBare(text, "\"\\{}" + delimiter);
        append(out, text, bare, true);
    }

    /** A column of a composite; what would end it stands twice. */
    static void column(StringBuilder out, String text) {
        append(out, text, isBare(text, "\"\\(),"), false);
    }

    /** A bound of a range; what would end it stands twice. */
    static void bound(StringBuilder out, String text) {
        append(out, text, isBare(text, "\"\\()[],"), false);
    }

    /** Whether the text is not empty and holds neither white space nor one of the signs. */
    private static boolean isBare(String text, String signs) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || (c >= '\t' && c <= '\r') || signs.indexOf(c) >= 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static void append(StringBuilder out, String text, boolean bare, boolean backslash) {
        if (bare) {
            out.append(text);
            return;
        }
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append(backslash ? '\\' : c);
            }
            out.append(c);
        }
        out.append('"');
    }
}
