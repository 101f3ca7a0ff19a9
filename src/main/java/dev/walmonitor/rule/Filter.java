package dev.walmonitor.rule;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import java.util.List;
import java.util.Set;

/** Which changes a rule is about. */
public record Filter(List<TablePattern> tables, Set<Operation> events) {

    public Filter {
        tables = List.copyOf(tables);
        events = Set.copyOf(events);
    }

    public boolean matches(TableName table) {
        for (TablePattern pattern : tables) {
            if (pattern.matches(table)) {
                return true;
            }
        }
        return false;
    }

    public boolean matches(TableName table, Operation operation) {
        return events.contains(operation) && matches(table);
    }
}
