package dev.walmonitor.pipeline;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.TableName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of a rule must not overtake one another. A key is a number: the upper half stands
 * for the table, the lower one for a row, or with 0 for all of its rows. They are the same in every
 * process, as they are kept with what is parked. Two rows may share one by chance; then one waits
 * for the other for nothing.
 *
 * <p>An instance is a bag of keys. Not thread-safe.
 */
final class Keys {
    private static final int HALF = 32;
    private static final long ROW = 0xFFFF_FFFFL;

    private final Map<Long, Integer> keys = new HashMap<>();
    private final Map<Long, Integer> tables = new HashMap<>();

    /** Of all rows of a table. */
    static long ofTable(TableName table) {
        return (31L * table.schema().hashCode() + table.name().hashCode()) << HALF;
    }

    /** Of the row, or of both rows that a change of the key concerns; all if that is not known. */
    static List<Long> ofRows(Relation relation, @Nullable Row before, @Nullable Row after) {
        boolean left = before != null && before.has(relation.key());
        boolean entered = after != null && after.has(relation.key());
        if (entered && after != null) {
            long now = of(relation, after);
            long old = left && before != null ? of(relation, before) : now;
            return old == now ? List.of(now) : List.of(old, now);
        }
        boolean known = left && (after == null || relation.key().size() == 1);
        return List.of(known && before != null ? of(relation, before) : ofTable(relation.table()));
    }

    private static long of(Relation relation, Row row) {
        int hash = row.hash(relation.key());
        return ofTable(relation.table()) | Integer.toUnsignedLong(hash == 0 ? 1 : hash);
    }

    /** Of a table in this shape: changes in different shapes must not overtake one another. */
    static long ofShape(Relation relation) {
        int hash = 31 * relation.oid() + relation.key().hashCode();
        hash = 31 * hash + relation.identity().name().hashCode();
        for (Column column : relation.columns()) {
            hash = 31 * hash + column.name().hashCode();
            hash = 31 * hash + column.type();
            hash = 31 * hash + column.typeModifier();
            hash = 31 * hash + (column.identity() ? 1 : 0);
        }
        return ofTable(relation.table()) | Integer.toUnsignedLong(hash);
    }

    static long table(long key) {
        return key & ~ROW;
    }

    static boolean isWholeTable(long key) {
        return (key & ROW) == 0;
    }

    void add(long key, int times) {
        keys.merge(key, times, Integer::sum);
        tables.merge(table(key), times, Integer::sum);
    }

    void addAll(Collection<Long> all) {
        all.forEach(key -> add(key, 1));
    }

    void removeAll(Collection<Long> all) {
        for (long key : all) {
            if (keys.containsKey(key)) {
                keys.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
                tables.computeIfPresent(table(key), (k, n) -> n == 1 ? null : n - 1);
            }
        }
    }

    void clear() {
        keys.clear();
        tables.clear();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** How many different ones. */
    int size() {
        return keys.size();
    }

    /** Whether one of these must wait for one of the bag. */
    boolean hold(Collection<Long> others) {
        for (long key : others) {
            if (isWholeTable(key)
                    ? tables.containsKey(key)
                    : keys.containsKey(key) || keys.containsKey(table(key))) {
                return true;
            }
        }
        return false;
    }
}
