package dev.walmonitor.change;

/** A table's full name, exactly as the catalogue has it (case kept, no quotes). */
public record TableName(String schema, String name) {

    /** {@code schema.name} as people write it; the schema defaults to {@code public}. */
    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableName("public", text)
                : new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
