package dev.walmonitor.handler;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.TablePattern;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tables of a database by name: many rules ask for theirs, and few of those are globs. One
 * caller at a time.
 */
final class Tables {
    private final Map<TableName, Relation> tables = new LinkedHashMap<>();
    private final Map<TableName, Optional<String>> nearest = new HashMap<>();

    Tables(Collection<Relation> tables) {
        tables.forEach(table -> this.tables.put(table.table(), table));
    }

    boolean has(TableName table) {
        return tables.containsKey(table);
    }

    /** Those that a rule is about, in the order of the database's names. */
    List<Relation> of(Filter filter) {
        if (filter.tables().size() == 1 && !filter.tables().getFirst().isGlob()) {
            return exactly(filter.tables().getFirst()).map(List::of).orElse(List.of());
        }
        if (filter.tables().stream().anyMatch(TablePattern::isGlob)) {
            return tables.values().stream().filter(t -> filter.matches(t.table())).toList();
        }
        Set<Relation> found = new LinkedHashSet<>();
        filter.tables().forEach(pattern -> exactly(pattern).ifPresent(found::add));
        return List.copyOf(found);
    }

    private Optional<Relation> exactly(TablePattern pattern) {
        return Optional.ofNullable(tables.get(pattern.name()));
    }

    /** Many rules may name the same table that is not there. */
    Optional<String> nearest(TableName meant) {
        return nearest.computeIfAbsent(
                meant,
                name ->
                        Nearest.to(
                                name.toString(),
                                tables.keySet().stream().map(TableName::toString).toList()));
    }
}
