package dev.walmonitor.checker;

import dev.walmonitor.change.Operation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** By which columns changes of the checker's tables have to stay in order. */
final class Keys {
    private static final Map<String, List<String>> COLUMNS =
            Map.of(
                    "plain", List.of("a"),
                    "pair", List.of("a", "b"),
                    "whole", List.of("a"),
                    "marked", List.of("u"),
                    "heap", List.of(),
                    "moody", List.of("a"),
                    "bulk", List.of("a"));

    private Keys() {}

    /** Whether rows of the table can be told apart. */
    static boolean has(String origin) {
        return !columns(origin).isEmpty();
    }

    /** What the change holds up and waits for, old and new; empty for a TRUNCATE: everything. */
    static Set<String> of(Fact fact) {
        Set<String> keys = new LinkedHashSet<>();
        if (fact.operation() != Operation.TRUNCATE) {
            for (Map<String, String> row : List.of(fact.before(), fact.after())) {
                if (!row.isEmpty()) {
                    keys.add(key(fact.origin(), row));
                }
            }
        }
        return keys;
    }

    static String key(String origin, Map<String, String> row) {
        return columns(origin).stream()
                .map(column -> String.valueOf(row.get(column)))
                .collect(Collectors.joining("|", origin + ":", ""));
    }

    private static List<String> columns(String origin) {
        return Objects.requireNonNull(COLUMNS.get(origin), () -> "Unknown table " + origin);
    }
}
