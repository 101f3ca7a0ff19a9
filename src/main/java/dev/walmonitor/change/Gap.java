package dev.walmonitor.change;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of the log whose changes did not come and never will: declared, so that caches can be
 * filled anew and everything else is known to have missed it.
 *
 * @param from the first position that may be missing; null if nothing was read before
 * @param to what comes is complete from here on
 * @param reason why, one sentence for people
 * @param tables the tables that missed changes; empty for all
 */
public record Gap(@Nullable Position from, Position to, String reason, Set<TableName> tables) {

    public Gap {
        tables = Set.copyOf(tables);
    }

    /** A gap in the changes of every table. */
    public static Gap of(@Nullable Position from, Position to, String reason) {
        return new Gap(from, to, reason, Set.of());
    }

    /** Whether changes of the table may be missing. */
    public boolean concerns(TableName table) {
        return tables.isEmpty() || tables.contains(table);
    }

    /** The same gap, begun no later than {@code position}. */
    public Gap from(Position position) {
        return from == null || from.isAfter(position)
                ? new Gap(position, to, reason, tables)
                : this;
    }

    /** What this gap and one before it lack together, as one gap. */
    public Gap joined(Gap before) {
        Position start = before.from;
        Gap all =
                new Gap(
                        from,
                        Position.later(before.to, to),
                        before.reason + " " + reason,
                        tables.isEmpty() || before.tables.isEmpty()
                                ? Set.of()
                                : union(before.tables, tables));
        return start == null ? new Gap(null, all.to, all.reason, all.tables) : all.from(start);
    }

    private static Set<TableName> union(Set<TableName> some, Set<TableName> others) {
        Set<TableName> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    @Override
    public String toString() {
        return "[" + (from == null ? "the beginning" : from) + ", " + to + ")";
    }
}
