package dev.walmonitor.rule;

import dev.walmonitor.change.TableName;
import java.util.regex.Pattern;

/**
 * A table's name or a glob over names: {@code *} stands for any characters, {@code ?} for one, in
 * the schema and in the name, each on its own side of the dot. Without a dot the schema is {@code
 * public}.
 */
public final class TablePattern {
    private final TableName name;
    private final boolean glob;
    private final Pattern schema;
    private final Pattern table;

    private TablePattern(TableName name) {
        this.name = name;
        this.glob = isGlob(name.schema()) || isGlob(name.name());
        this.schema = regex(name.schema());
        this.table = regex(name.name());
    }

    /**
     * @throws IllegalArgumentException if a side is empty or there is more than one dot
     */
    public static TablePattern parse(String text) {
        TableName name = TableName.parse(text.strip());
        if (name.schema().isEmpty() || name.name().isEmpty() || name.name().indexOf('.') >= 0) {
            throw new IllegalArgumentException(
                    "Expected a table such as public.roles or a glob such as shop.order_*, got \""
                            + text
                            + "\"");
        }
        return new TablePattern(name);
    }

    public boolean matches(TableName candidate) {
        return glob
                ? schema.matcher(candidate.schema()).matches()
                        && table.matcher(candidate.name()).matches()
                : name.equals(candidate);
    }

    /** Whether it may match more than one table, or none without that being a fault. */
    public boolean isGlob() {
        return glob;
    }

    /** The pattern as a name; only meaningful if it is no glob. */
    public TableName name() {
        return name;
    }

    @Override
    public String toString() {
        return name.toString();
    }

    private static boolean isGlob(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    private static Pattern regex(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
