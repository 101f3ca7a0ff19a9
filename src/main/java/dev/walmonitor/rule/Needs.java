package dev.walmonitor.rule;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The columns that a rule reads.
 *
 * @param there of the row that is there: the new one, or the old one of a DELETE
 * @param before of the row before an UPDATE or DELETE
 */
public record Needs(Set<String> there, Set<String> before) {

    /** No column. */
    public static final Needs NOTHING = new Needs(Set.of(), Set.of());

    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    public Needs {
        there = new TreeSet<>(there);
        before = new TreeSet<>(before);
    }

    /** What the placeholders read when the template is made for the row that is there. */
    public static Needs of(Collection<Template.Placeholder> placeholders) {
        Set<String> there = new TreeSet<>();
        Set<String> before = new TreeSet<>();
        placeholders.forEach(p -> (p.before() ? before : there).add(p.column()));
        return new Needs(there, before);
    }

    public boolean isEmpty() {
        return there.isEmpty() && before.isEmpty();
    }

    /** Both together. */
    public Needs and(Needs other) {
        Set<String> allThere = new TreeSet<>(there);
        Set<String> allBefore = new TreeSet<>(before);
        allThere.addAll(other.there);
        allBefore.addAll(other.before);
        return new Needs(allThere, allBefore);
    }

    /** What the tables lack, or do not send with the events of the rule. */
    public List<Fault> faults(Rule rule, List<Relation> tables) {
        return faults(rule.name(), rule.filter().events(), tables);
    }

    /** What the tables lack, or do not send with the events. */
    public List<Fault> faults(String rule, Set<Operation> events, List<Relation> tables) {
        List<Fault> faults = new ArrayList<>();
        for (Relation table : tables) {
            Set<String> all = new TreeSet<>(there);
            all.addAll(before);
            all.removeIf(column -> !exists(column, table, rule, faults));
            unsent(rule, events, table, all, faults);
        }
        return faults;
    }

    private static boolean exists(String column, Relation table, String rule, List<Fault> faults) {
        if (table.indexOf(column) >= 0) {
            return true;
        }
        List<String> names = table.columns().stream().map(Column::name).toList();
        faults.add(
                new Fault(
                        rule,
                        "table " + table.table() + " has no column \"" + column + "\";",
                        Nearest.hint(column, names)));
        return false;
    }

    private void unsent(
            String rule,
            Set<Operation> events,
            Relation table,
            Set<String> existing,
            List<Fault> faults) {
        List<String> update = new ArrayList<>();
        List<String> delete = new ArrayList<>();
        for (String column : existing) {
            boolean sent =
                    table.identity() == ReplicaIdentity.FULL
                            || table.columns().get(table.indexOf(column)).identity();
            if (!sent && events.contains(Operation.UPDATE) && before.contains(column)) {
                update.add(column);
            }
            if (!sent && events.contains(Operation.DELETE)) {
                delete.add(column);
            }
        }
        tell(rule, table, "an UPDATE", update, ";", faults);
        tell(
                rule,
                table,
                "a DELETE",
                delete,
                "; or leave delete out of the rule's events.",
                faults);
    }

    private static void tell(
            String rule,
            Relation table,
            String event,
            List<String> columns,
            String end,
            List<Fault> faults) {
        if (!columns.isEmpty()) {
            faults.add(
                    new Fault(
                            rule,
                            "it needs the old "
                                    + String.join(", ", columns)
                                    + " of "
                                    + event
                                    + ", which table "
                                    + table.table()
                                    + " does not send.",
                            "Mend it with: ALTER TABLE "
                                    + quoted(table.table())
                                    + " REPLICA IDENTITY FULL"
                                    + end));
        }
    }

    private static String quoted(TableName table) {
        return quoted(table.schema()) + "." + quoted(table.name());
    }

    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() ? name : "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
