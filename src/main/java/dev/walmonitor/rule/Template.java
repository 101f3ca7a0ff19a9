package dev.walmonitor.rule;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.RowChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text with places for a row's values, the same everywhere in a rule: {@code {col}} is a column of
 * the row, {@code {before.col}} of the row before the change; literal braces are doubled. A
 * template knows nothing of where it is used: {@link #key} makes a key of it, {@link #sql} a
 * statement.
 */
public final class Template {

    /** One piece. */
    sealed interface Part {}

    /** Text as it is. */
    record Literal(String text) implements Part {}

    /**
     * A place for a value.
     *
     * @param before whether the value is taken from the row before the change, whatever row the
     *     template is made for
     */
    public record Placeholder(String column, boolean before) implements Part {

        @Override
        public String toString() {
            return "{" + (before ? BEFORE : "") + column + "}";
        }
    }

    private static final String BEFORE = "before.";

    private final String text;
    private final List<Part> parts;
    private volatile @Nullable Pattern inverse;

    private Template(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if a brace stands alone or a placeholder is empty; the
     *     message says where
     */
    public static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c != '{' && c != '}') {
                literal.append(c);
                i++;
            } else if (i + 1 < text.length() && text.charAt(i + 1) == c) {
                literal.append(c);
                i += 2;
            } else if (c == '{') {
                int end = endOfPlaceholder(text, i);
                flush(literal, parts);
                parts.add(placeholder(text, i, end));
                i = end + 1;
            } else {
                throw malformed("a \"}\" without its \"{\" (a literal one is written }})", i, text);
            }
        }
        flush(literal, parts);
        return new Template(text, parts);
    }

    private static void flush(StringBuilder literal, List<Part> parts) {
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private static int endOfPlaceholder(String text, int start) {
        for (int i = start + 1; i < text.length(); i++) {
            if (text.charAt(i) == '}') {
                return i;
            }
            if (text.charAt(i) == '{') {
                break;
            }
        }
        throw malformed("a \"{\" without its \"}\" (a literal one is written {{)", start, text);
    }

    private static Placeholder placeholder(String text, int start, int end) {
        String name = text.substring(start + 1, end);
        boolean before = name.startsWith(BEFORE);
        String column = before ? name.substring(BEFORE.length()) : name;
        if (column.isBlank() || !column.equals(column.strip())) {
            throw malformed(
                    "{" + name + "} where a column's name such as {id} is expected", start, text);
        }
        return new Placeholder(column, before);
    }

    private static IllegalArgumentException malformed(String what, int index, String text) {
        return new IllegalArgumentException(
                "There is " + what + " at character " + (index + 1) + " of \"" + text + "\"");
    }

    /** In the order in which they stand. */
    public List<Placeholder> placeholders() {
        List<Placeholder> placeholders = new ArrayList<>();
        for (Part part : parts) {
            if (part instanceof Placeholder placeholder) {
                placeholders.add(placeholder);
            }
        }
        return placeholders;
    }

    /** Whether it is the same for every row. */
    public boolean isConstant() {
        return placeholders().isEmpty();
    }

    /** What it is for every row; empty if that differs. */
    public Optional<String> constant() {
        return isConstant() ? Optional.of(sql().fragments().getFirst()) : Optional.empty();
    }

    /**
     * What keeps this from being a key: two values that nothing holds apart, so that two different
     * pairs of them would make one key.
     */
    public Optional<String> faultAsKey() {
        Placeholder last = null;
        boolean apart = true;
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> apart |= KeyCode.separates(literal.text());
                case Placeholder placeholder -> {
                    if (!apart) {
                        return Optional.of(
                                last + " and " + placeholder + " could run into one another");
                    }
                    last = placeholder;
                    apart = false;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The key of the row on one side of a change. Different values make different keys: what could
     * be taken for the template's own text is percent-encoded in a value.
     *
     * @return null if a value is NULL, or the change has no such row: nothing is kept under such a
     *     key
     * @throws IllegalArgumentException if the table has no such column
     * @throws IllegalStateException if a value was not sent
     */
    public @Nullable String key(RowChange change, Side side) {
        if (!isConstant() && !side.has(change)) {
            return null;
        }
        StringBuilder key = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> key.append(literal.text());
                case Placeholder placeholder -> {
                    String value = text(placeholder, change, side);
                    if (value == null) {
                        return null;
                    }
                    KeyCode.encode(value, key);
                }
            }
        }
        return key.toString();
    }

    /**
     * The key of given values, in the order of {@link #placeholders}.
     *
     * @return null if a value is null: nothing is kept under such a key
     */
    public @Nullable String key(List<? extends @Nullable String> values) {
        StringBuilder key = new StringBuilder();
        int next = 0;
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> key.append(literal.text());
                case Placeholder placeholder -> {
                    String value = values.get(next++);
                    if (value == null) {
                        return null;
                    }
                    KeyCode.encode(value, key);
                }
            }
        }
        return key.toString();
    }

    /**
     * The values that a key was made of, in the order of {@link #placeholders}; only of a template
     * that {@link #faultAsKey} finds nothing wrong with.
     *
     * @return empty if the template makes no such key
     */
    public Optional<List<String>> valuesOf(String key) {
        Pattern pattern = inverse;
        if (pattern == null) {
            StringBuilder regex = new StringBuilder();
            for (Part part : parts) {
                switch (part) {
                    case Literal literal -> regex.append(Pattern.quote(literal.text()));
                    case Placeholder placeholder -> regex.append("([^:{}*?\\s]*)");
                }
            }
            pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
            inverse = pattern;
        }
        Matcher matcher = pattern.matcher(key);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= matcher.groupCount(); i++) {
            String value = KeyCode.decode(matcher.group(i));
            if (value == null) {
                return Optional.empty();
            }
            values.add(value);
        }
        return Optional.of(values);
    }

    /**
     * The text for the row on one side of a change, with the values as they are.
     *
     * @return null if a value is NULL, or the change has no such row
     * @throws IllegalArgumentException if the table has no such column
     * @throws IllegalStateException if a value was not sent
     */
    public @Nullable String text(RowChange change, Side side) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> filled.append(literal.text());
                case Placeholder placeholder -> {
                    String value = text(placeholder, change, side);
                    if (value == null) {
                        return null;
                    }
                    filled.append(value);
                }
            }
        }
        return filled.toString();
    }

    /**
     * The template as a statement whose placeholders are parameters: values never become text of
     * it.
     */
    public Sql sql() {
        List<String> fragments = new ArrayList<>();
        List<Placeholder> parameters = new ArrayList<>();
        StringBuilder fragment = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> fragment.append(literal.text());
                case Placeholder placeholder -> {
                    fragments.add(fragment.toString());
                    fragment.setLength(0);
                    parameters.add(placeholder);
                }
            }
        }
        fragments.add(fragment.toString());
        return new Sql(List.copyOf(fragments), List.copyOf(parameters));
    }

    /**
     * A statement and what its parameters are.
     *
     * @param fragments the text around the parameters, one more than there are parameters
     * @param parameters one between each two fragments
     */
    public record Sql(List<String> fragments, List<Placeholder> parameters) {

        /**
         * The parameters for the row on one side of a change, as the database writes them.
         *
         * @return null for NULL, and where the change has no such row
         * @throws IllegalArgumentException if the table has no such column
         * @throws IllegalStateException if a value was not sent
         */
        public List<@Nullable String> values(RowChange change, Side side) {
            List<@Nullable String> values = new ArrayList<>(parameters.size());
            for (Placeholder parameter : parameters) {
                values.add(text(parameter, change, side));
            }
            return values;
        }
    }

    private static @Nullable String text(Placeholder placeholder, RowChange change, Side side) {
        Side from = placeholder.before() ? Side.OLD : side;
        if (!from.has(change)) {
            return null;
        }
        ColumnValue value = from.value(change, placeholder.column());
        if (value == ColumnValue.Absent.ABSENT) {
            throw new IllegalStateException(
                    "The value of "
                            + placeholder
                            + " was not sent with the "
                            + change.operation()
                            + " of "
                            + change.table());
        }
        return value.textOrNull();
    }

    @Override
    public String toString() {
        return text;
    }
}
