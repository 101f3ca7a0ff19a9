package dev.walmonitor.rule;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.cel.Answer;
import dev.walmonitor.rule.cel.Expression;
import dev.walmonitor.rule.cel.ExpressionException;
import dev.walmonitor.rule.cel.Facts;
import dev.walmonitor.rule.cel.MalformedExpression;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a rule's {@code when} says of a change. A value that the log did not send makes the answer
 * unknown, never no; a TRUNCATE, which sends no row at all, is unknown to every condition that
 * reads one. Immutable and thread-safe.
 */
public final class Condition {
    private final Expression expression;

    private Condition(Expression expression) {
        this.expression = expression;
    }

    /** Reads a condition. */
    public static Condition parse(String text) throws MalformedExpression {
        return new Condition(Expression.parse(text));
    }

    /**
     * Decides by what is in the change alone. Never blocks.
     *
     * @throws dev.walmonitor.rule.cel.ExpressionException if it has no answer for this change
     */
    public Answer of(RowChange change) {
        return of(change, Map.of());
    }

    /**
     * Decides.
     *
     * @param read values of the row after the change that the log did not send, by column
     */
    public Answer of(RowChange change, Map<String, ColumnValue> read) {
        return expression.ask(new ChangeFacts(change, read));
    }

    /**
     * Those of its parts, joined by {@code &&}, that are not true for a change for which it is not
     * true, as they are written; the whole, where it is made otherwise.
     */
    public List<String> untrue(RowChange change) {
        List<String> parts = Conjuncts.of(toString());
        if (parts.size() > 1) {
            try {
                List<String> untrue = new ArrayList<>();
                for (String part : parts) {
                    if (parse(part).of(change) == Answer.NO) {
                        untrue.add(part);
                    }
                }
                return untrue.isEmpty() ? List.of(toString()) : untrue;
            } catch (MalformedExpression | ExpressionException | IllegalArgumentException e) {
                return List.of(toString()); // a part that has no answer alone
            }
        }
        return List.of(toString());
    }

    /** The columns that it reads of the row after the change, and that were not sent with it. */
    public List<String> unsent(RowChange change) {
        return change instanceof RowChange.Truncate
                ? List.of()
                : expression.after().stream()
                        .filter(column ->
                                Side.NEW.has(change)
                                        && Side.NEW.value(change, column)
                                                == ColumnValue.Absent.ABSENT)
                        .toList();
    }

    /**
     * What keeps the condition from ever being decided: a column that a table lacks or does not
     * send, types that do not go together.
     */
    List<Fault> faults(Rule rule, List<Relation> tables) {
        List<Fault> faults = new ArrayList<>();
        Set<String> old = new TreeSet<>(expression.before());
        old.addAll(expression.changed());
        Set<String> now = new TreeSet<>(expression.after());
        now.removeAll(old);
        Set<Operation> withNew = EnumSet.of(Operation.INSERT, Operation.UPDATE);
        faults.addAll(new Needs(Set.of(), old).faults(rule, tables));
        faults.addAll(new Needs(now, Set.of()).faults(rule.name(), withNew, tables));
        old.addAll(now);
        for (Relation table : tables) {
            if (old.stream().allMatch(column -> table.indexOf(column) >= 0)) {
                misfits(rule, table, faults);
            }
        }
        return faults;
    }

    private void misfits(Rule rule, Relation table, List<Fault> faults) {
        for (String misfit :
                expression.misfits(column -> table.columns().get(table.require(column)).type())) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "its condition cannot work for table "
                                    + table.table()
                                    + ": "
                                    + misfit
                                    + ";",
                            "compare values of one kind, such as timestamp(\"2026-01-01T00:00:00Z\")"
                                    + " with a timestamp."));
        }
    }

    /** One change, with what was read of it afterwards. */
    private record ChangeFacts(RowChange change, Map<String, ColumnValue> read) implements Facts {

        @Override
        public String text(Name name) {
            return switch (name) {
                case EVENT -> change.operation().name().toLowerCase(Locale.ROOT);
                case OP -> change.operation().name();
                case TABLE -> change.table().name();
                case SCHEMA -> change.table().schema();
            };
        }

        @Override
        public boolean hasRow(boolean before) {
            return (before ? Side.OLD : Side.NEW).has(change);
        }

        @Override
        public ColumnValue value(boolean before, String column) {
            if (change instanceof RowChange.Truncate) {
                return ColumnValue.Absent.ABSENT;
            }
            if (!hasRow(before)) {
                return ColumnValue.Null.NULL;
            }
            ColumnValue value = (before ? Side.OLD : Side.NEW).value(change, column);
            return value == ColumnValue.Absent.ABSENT && !before
                    ? read.getOrDefault(column, value)
                    : value;
        }

        @Override
        public int type(String column) {
            Relation relation = change.relation();
            Column found = relation.columns().get(relation.require(column));
            return found.type();
        }

        /** As {@link RowChange#hasChanged} says, where that is known. */
        @Override
        public Answer changed(String column) {
            if (change instanceof RowChange.Truncate) {
                return Answer.UNKNOWN;
            }
            ColumnValue now = hasRow(false) ? after(column) : ColumnValue.Null.NULL;
            boolean untouched =
                    change instanceof RowChange.Update && now == ColumnValue.Absent.ABSENT;
            if (untouched) {
                return Answer.NO;
            }
            ColumnValue old = hasRow(true) ? Side.OLD.value(change, column) : ColumnValue.Null.NULL;
            if (old == ColumnValue.Absent.ABSENT || now == ColumnValue.Absent.ABSENT) {
                return Answer.UNKNOWN;
            }
            return old.equals(now) ? Answer.NO : Answer.YES;
        }

        private ColumnValue after(String column) {
            return Side.NEW.value(change, column);
        }
    }

    @Override
    public String toString() {
        return expression.toString();
    }
}
