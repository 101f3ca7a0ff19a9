package dev.walmonitor.rule;

import java.util.ArrayList;
import java.util.List;

/** The parts of a condition that {@code &&} joins, as they are written. */
final class Conjuncts {
    private static final String OPENING = "([{";
    private static final String CLOSING = ")]}";

    private final String text;
    private final List<String> parts = new ArrayList<>();
    private int begin;

    private Conjuncts(String text) {
        this.text = text;
    }

    /** The whole alone, where it is no such chain or that cannot be seen easily. */
    static List<String> of(String text) {
        Conjuncts conjuncts = new Conjuncts(text);
        return conjuncts.isChain() ? conjuncts.parts : List.of(text);
    }

    private boolean isChain() {
        if (text.contains("//") || text.contains("\"\"\"") || text.contains("'''")) {
            return false;
        }
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\'') {
                i = endOfString(i, c);
            } else if (OPENING.indexOf(c) >= 0) {
                depth++;
            } else if (CLOSING.indexOf(c) >= 0) {
                depth--;
            } else if (depth == 0 && (c == '?' || text.startsWith("||", i))) {
                return false;
            } else if (depth == 0 && text.startsWith("&&", i)) {
                part(i);
                i++;
                begin = i + 1;
            }
        }
        part(text.length());
        return true;
    }

    private void part(int end) {
        parts.add(text.substring(begin, end).strip());
    }

    /** A backslash takes the next character with it, but in a raw string. */
    private int endOfString(int start, char quote) {
        boolean raw = start > 0 && "rR".indexOf(text.charAt(start - 1)) >= 0;
        for (int i = start + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && !raw) {
                i++;
            } else if (text.charAt(i) == quote) {
                return i;
            }
        }
        return text.length();
    }
}
