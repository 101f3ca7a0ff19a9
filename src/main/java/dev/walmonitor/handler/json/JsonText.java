package dev.walmonitor.handler.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Text of type json as jsonb prints it: of members with the same name the last one is kept, in
 * jsonb's order; numbers lose their exponents, strings what need not be escaped, and white space is
 * as usual.
 *
 * <p>What jsonb refuses (a zero character, half of a surrogate pair, a number out of range) and
 * what comes near its bounds is not written.
 */
final class JsonText {
    private static final int DEEPEST = 500;
    private static final int LONGEST_NUMBER = 1000;

    private static final class Unsure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsure() {
            super(null, null, false, false);
        }
    }

    private sealed interface Node {
        record Numeral(String text) implements Node {}

        record Text(String text) implements Node {}

        record Array(List<Node> items) implements Node {}

        record Members(List<Member> members) implements Node {}

        enum Word implements Node {
            TRUE("true"),
            FALSE("false"),
            NULL("null");

            private final String text;

            Word(String text) {
                this.text = text;
            }
        }
    }

    private record Member(KeyName name, Node value) {}

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** Whether it could. */
    static boolean append(StringBuilder out, String text) {
        try {
            JsonText in = new JsonText(text);
            Node node = in.value(0);
            if (in.next() != '\0') {
                return false;
            }
            write(out, node);
            return true;
        } catch (Unsure e) {
            return false;
        }
    }

    private static void write(StringBuilder out, Node node) {
        switch (node) {
            case Node.Numeral number -> out.append(number.text());
            case Node.Text string -> JsonString.append(out, string.text());
            case Node.Word word -> out.append(word.text);
            case Node.Array array -> {
                String before = "[";
                for (Node item : array.items()) {
                    out.append(before);
                    write(out, item);
                    before = ", ";
                }
                out.append(array.items().isEmpty() ? "[]" : "]");
            }
            case Node.Members object -> {
                String before = "{";
                for (Member member : object.members()) {
                    out.append(before);
                    JsonString.append(out, member.name().text());
                    out.append(": ");
                    write(out, member.value());
                    before = ", ";
                }
                out.append(object.members().isEmpty() ? "{}" : "}");
            }
        }
    }

    /** The next sign that is not white space, which is not consumed; zero at the end. */
    private char next() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
            at++;
        }
        return '\0';
    }

    private void expect(char sign) {
        if (next() != sign) {
            throw new Unsure();
        }
        at++;
    }

    /** Consumes the sign if it comes next. */
    private boolean skips(char sign) {
        boolean comes = next() == sign;
        at += comes ? 1 : 0;
        return comes;
    }

    private Node value(int depth) {
        if (depth > DEEPEST) {
            throw new Unsure();
        }
        return switch (next()) {
            case '{' -> members(depth);
            case '[' -> array(depth);
            case '"' -> new Node.Text(string());
            case 't' -> word(Node.Word.TRUE);
            case 'f' -> word(Node.Word.FALSE);
            case 'n' -> word(Node.Word.NULL);
            default -> new Node.Numeral(number());
        };
    }

    private Node word(Node.Word word) {
        if (!text.startsWith(word.text, at)) {
            throw new Unsure();
        }
        at += word.text.length();
        return word;
    }

    private Node array(int depth) {
        expect('[');
        List<Node> items = new ArrayList<>();
        if (!skips(']')) {
            do {
                items.add(value(depth + 1));
            } while (skips(','));
            expect(']');
        }
        return new Node.Array(items);
    }

    private Node members(int depth) {
        expect('{');
        List<Member> members = new ArrayList<>();
        if (!skips('}')) {
            do {
                if (next() != '"') {
                    throw new Unsure();
                }
                KeyName name = new KeyName(string());
                expect(':');
                members.add(new Member(name, value(depth + 1)));
            } while (skips(','));
            expect('}');
        }
        members.sort(Comparator.comparing(Member::name));
        return new Node.Members(lastOfEach(members));
    }

    /** The sort left members of one name in the order in which they stood. */
    private static List<Member> lastOfEach(List<Member> sorted) {
        List<Member> kept = new ArrayList<>(sorted.size());
        for (Member member : sorted) {
            if (!kept.isEmpty() && kept.getLast().name().equals(member.name())) {
                kept.removeLast();
            }
            kept.add(member);
        }
        return kept;
    }

    private String string() {
        int from = ++at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            return text.substring(from, at++);
        }
        StringBuilder string = new StringBuilder().append(text, from, at);
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '"' -> {
                    return string.toString();
                }
                case '\\' -> escaped(string);
                default -> string.append(c);
            }
        }
        throw new Unsure();
    }

    private void escaped(StringBuilder string) {
        char c = at < text.length() ? text.charAt(at++) : '\0';
        switch (c) {
            case '"', '\\', '/' -> string.append(c);
            case 'b' -> string.append('\b');
            case 'f' -> string.append('\f');
            case 'n' -> string.append('\n');
            case 'r' -> string.append('\r');
            case 't' -> string.append('\t');
            case 'u' -> unicode(string);
            default -> throw new Unsure();
        }
    }

    private void unicode(StringBuilder string) {
        char c = hex();
        if (c == 0 || Character.isLowSurrogate(c)) {
            throw new Unsure();
        }
        string.append(c);
        if (Character.isHighSurrogate(c)) {
            if (!text.startsWith("\\u", at)) {
                throw new Unsure();
            }
            at += 2;
            char low = hex();
            if (!Character.isLowSurrogate(low)) {
                throw new Unsure();
            }
            string.append(low);
        }
    }

    private char hex() {
        int value = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw new Unsure();
            }
            value = 16 * value + digit;
        }
        return (char) value;
    }

    private String number() {
        int from = at;
        boolean exponent = false;
        boolean zero = true;
        for (; at < text.length() && isOfNumber(text.charAt(at)); at++) {
            char c = text.charAt(at);
            exponent |= c == 'e' || c == 'E';
            zero &= exponent || c < '1' || c > '9';
        }
        String number = text.substring(from, at);
        if (number.length() > LONGEST_NUMBER) {
            throw new Unsure();
        }
        if (exponent) {
            return plain(number);
        }
        if (!ValueJson.isPlainNumber(number)) {
            throw new Unsure();
        }
        return zero && number.charAt(0) == '-' ? number.substring(1) : number;
    }

    private static boolean isOfNumber(char c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    }

    private static String plain(String number) {
        try {
            BigDecimal exact = new BigDecimal(number);
            if (Math.abs((long) exact.scale()) <= LONGEST_NUMBER) {
                return exact.toPlainString();
            }
            throw new Unsure();
        } catch (NumberFormatException e) {
            throw new Unsure();
        }
    }
}
