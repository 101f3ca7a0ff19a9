package dev.walmonitor.change;

import java.util.regex.Pattern;

/** A table's full name, exactly as the catalogue has it (case kept, no quotes). */
public record TableName(String schema, String name) {
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    /** {@code schema.name} as people write it; the schema defaults to {@code public}. */
    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableName("public", text)
                : new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    /** As it stands in a statement: in quotation marks where it could not be read otherwise. */
    public String quoted() {
        return quoted(schema) + "." + quoted(name);
    }

    private static String quoted(String identifier) {
        return PLAIN.matcher(identifier).matches()
                ? identifier
                : '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
