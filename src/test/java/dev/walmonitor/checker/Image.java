package dev.walmonitor.checker;

import dev.walmonitor.change.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables as somebody has them who applies every change that he is told, and again those that
 * come again. A large value that was not sent is kept if it is known.
 */
final class Image {
    /** The columns that are there in every shape of a table. */
    private static final List<String> LASTING = List.of("a", "b", "u", "v", "p", "big");

    private final Map<String, Map<String, Map<String, String>>> tables = new HashMap<>();

    void apply(Fact fact) {
        String origin = fact.origin();
        if (!Keys.has(origin)) {
            return;
        }
        Map<String, Map<String, String>> rows = rows(origin);
        if (fact.operation() == Operation.TRUNCATE) {
            rows.clear();
            return;
        }
        String key = fact.after().isEmpty() ? "" : Keys.key(origin, fact.after());
        String oldKey = fact.before().isEmpty() ? key : Keys.key(origin, fact.before());
        Map<String, String> row = new HashMap<>(rows.getOrDefault(key, Map.of()));
        Map<String, String> old = rows.remove(oldKey);
        if (!fact.after().isEmpty()) {
            if (old != null) {
                row.putAll(old);
            }
            row.putAll(fact.before());
            row.putAll(fact.after());
            rows.put(key, row);
        }
    }

    private Map<String, Map<String, String>> rows(String origin) {
        return tables.computeIfAbsent(origin, o -> new HashMap<>());
    }

    /**
     * In what the table is different, or null.
     *
     * @param table the rows by their key; NULL is {@link Fact#NULL}
     */
    @Nullable String difference(String origin, Map<String, Map<String, String>> table) {
        Map<String, Map<String, String>> rows = rows(origin);
        if (!rows.keySet().equals(table.keySet())) {
            return "the image has the keys " + rows.keySet() + ", the table " + table.keySet();
        }
        for (var row : rows.entrySet()) {
            Map<String, String> real = table.getOrDefault(row.getKey(), Map.of());
            for (String column : LASTING) {
                String value = row.getValue().get(column);
                if (value != null && !value.equals(real.get(column))) {
                    return "of %s the image has %s = %s, the table %s"
                            .formatted(row.getKey(), column, value, real.get(column));
                }
            }
        }
        return null;
    }
}
