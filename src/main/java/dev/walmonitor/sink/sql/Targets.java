package dev.walmonitor.sink.sql;

import dev.walmonitor.change.TableName;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables that PostgreSQL's plan of a statement writes to. */
final class Targets {
    private static final String NODE = "Node Type";
    private static final String WRITES = "ModifyTable";
    private static final String TABLE = "Relation Name";
    private static final String SCHEMA = "Schema";

    private Targets() {}

    /**
     * @param plan what EXPLAIN with VERBOSE and FORMAT JSON gives
     */
    static Set<TableName> of(@Nullable Object plan) {
        Set<TableName> targets = new LinkedHashSet<>();
        collect(plan, false, targets);
        return targets;
    }

    private static void collect(@Nullable Object part, boolean written, Set<TableName> targets) {
        switch (part) {
            case JsonArray array -> array.forEach(each -> collect(each, false, targets));
            case JsonObject node -> {
                boolean writes = written || WRITES.equals(node.getString(NODE, ""));
                String table = node.getString(TABLE);
                String schema = node.getString(SCHEMA);
                if (writes && table != null && schema != null) {
                    targets.add(new TableName(schema, table));
                }
                for (String name : node.fieldNames()) {
                    collectField(name, node.getValue(name), targets);
                }
            }
            case null, default -> {}
        }
    }

    /** Several tables of one node, partitions say, stand in a list of their own. */
    private static void collectField(String name, @Nullable Object value, Set<TableName> targets) {
        if (name.equals("Target Tables") && value instanceof JsonArray tables) {
            tables.forEach(each -> collect(each, true, targets));
        } else {
            collect(value, false, targets);
        }
    }
}
