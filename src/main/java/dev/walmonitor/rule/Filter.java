package dev.walmonitor.rule;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import java.util.List;
import java.util.Set;

/**
 * Which changes a rule is about.
 *
 * @param changed of the updates, only those that gave one of these columns another value; empty:
 *     all
 */
public record Filter(List<TablePattern> tables, Set<Operation> events, Set<String> changed) {

    public Filter {
        tables = List.copyOf(tables);
        events = Set.copyOf(events);
        changed = Set.copyOf(changed);
    }

    public Filter(List<TablePattern> tables, Set<Operation> events) {
        this(tables, events, Set.of());
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

    /**
     * Whether a change of one of the tables is wanted for what it did. An old value that was not
     * sent may have been another one: such a change is wanted, as one too many does less harm than
     * one too few.
     */
    public boolean accepts(RowChange change) {
        return events.contains(change.operation())
                && (changed.isEmpty()
                        || !(change instanceof RowChange.Update update)
                        || changedOne(update));
    }

    private boolean changedOne(RowChange.Update update) {
        for (String column : changed) {
            if (update.relation().indexOf(column) >= 0
                    && !Side.OLD.value(update, column).equals(Side.NEW.value(update, column))) {
                return true;
            }
        }
        return false;
    }
}
