package dev.walmonitor.pipeline;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a made-up database, in commit order: several tables, keys that are given up and
 * taken again, key updates, truncates, and tables that change their key.
 */
final class History {
    static final List<TableName> TABLES =
            List.of(
                    new TableName("s0", "t0"),
                    new TableName("s0", "t1"),
                    new TableName("s1", "t2"),
                    new TableName("s1", "t3"));
    private static final List<List<Integer>> KEYS =
            List.of(List.of(0), List.of(1), List.of(0, 1), List.of());
    private static final int VALUES = 6;

    /** A table as it is from some change on. */
    record Shape(int table, int version, List<Integer> key, boolean full) {
        /** Whether nobody can tell the two from one another. */
        boolean isAs(Shape other) {
            return table == other.table && key.equals(other.key) && full == other.full;
        }

        Relation relation() {
            List<Column> columns = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                columns.add(new Column(String.valueOf((char) ('a' + i)), 25, -1, key.contains(i)));
            }
            return new Relation(
                    1_000 + table,
                    TABLES.get(table),
                    full ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT,
                    columns,
                    key);
        }
    }

    /**
     * A change that can be told any number of times.
     *
     * @param index its place among all changes
     * @param keys the keys that it touches
     */
    record Happening(
            int index,
            int ordinal,
            Transaction transaction,
            Shape shape,
            Operation operation,
            @Nullable List<ColumnValue> before,
            @Nullable List<ColumnValue> after,
            Set<String> keys) {

        TableName table() {
            return TABLES.get(shape.table());
        }

        /** Whether the two must reach a rule in their order. */
        boolean conflictsWith(Happening other) {
            return shape.table() == other.shape.table()
                    && (!shape.isAs(other.shape)
                            || shape.key().isEmpty()
                            || operation == Operation.TRUNCATE
                            || other.operation == Operation.TRUNCATE
                            || keys.stream().anyMatch(other.keys::contains));
        }

        RowChange tell(Relation relation) {
            Row old = before == null ? null : Row.of(relation, before.toArray(new ColumnValue[0]));
            Row now = after == null ? null : Row.of(relation, after.toArray(new ColumnValue[0]));
            if (now != null) {
                return operation == Operation.INSERT
                        ? new RowChange.Insert(transaction, ordinal, now)
                        : new RowChange.Update(transaction, ordinal, old, now);
            }
            return old != null
                    ? new RowChange.Delete(transaction, ordinal, old)
                    : new RowChange.Truncate(transaction, ordinal, relation, false, false);
        }

        @Override
        public String toString() {
            return "%s %s of %s.%d keys %s"
                    .formatted(
                            operation,
                            transaction.commit().text() + ":" + ordinal,
                            table(),
                            shape.version(),
                            keys);
        }
    }

    /** A committed transaction; {@code end} confirms it. */
    record Committed(Transaction transaction, Lsn end, List<Happening> happenings) {
        Lsn commit() {
            return new Lsn(transaction.commit().number());
        }
    }

    final List<Committed> transactions = new ArrayList<>();
    final List<Happening> happenings = new ArrayList<>();

    private final Random random;
    private final List<Shape> shapes = new ArrayList<>();
    private final List<List<int[]>> rows = new ArrayList<>();

    History(Random random) {
        this.random = random;
        for (int table = 0; table < TABLES.size(); table++) {
            shapes.add(shape(table, 0));
            rows.add(new ArrayList<>());
        }
        int count = 1 + random.nextInt(60);
        long lsn = firstPosition(count);
        for (int i = 0; i < count; i++) {
            lsn += 1 + random.nextInt(20);
            Transaction transaction =
                    new Transaction(
                            "main",
                            1,
                            new Lsn(lsn),
                            Instant.parse("2026-01-01T00:00:00Z"),
                            1_000 + i - random.nextInt(4));
            lsn += 1 + random.nextInt(5);
            transactions.add(new Committed(transaction, new Lsn(lsn), changes(transaction)));
        }
    }

    /** Often such that the positions of the history cross a place where naive arithmetic breaks. */
    private long firstPosition(int count) {
        return switch (random.nextInt(3)) {
            case 0 -> Long.MIN_VALUE - count * 6L;
            case 1 -> 0xFFFF_FFFFL - count * 6L;
            default -> 0x1000;
        };
    }

    private Shape shape(int table, int version) {
        List<Integer> key = KEYS.get(random.nextInt(10) == 0 ? 3 : random.nextInt(3));
        return new Shape(table, version, key, key.isEmpty() || random.nextInt(3) == 0);
    }

    /** Everything that is committed lies before it. */
    Lsn end() {
        return new Lsn(transactions.getLast().end().value() + 3);
    }

    /** Some place between a transaction and the one before it, as a keepalive may name it. */
    Lsn before(int transaction, Random chance) {
        long from =
                transaction == 0
                        ? transactions.getFirst().commit().value()
                        : transactions.get(transaction - 1).end().value();
        if (transaction == transactions.size()) {
            return new Lsn(from);
        }
        long to = transactions.get(transaction).commit().value();
        return new Lsn(from + chance.nextLong(to - from + 1));
    }

    /** The first transaction that a stream from this position on holds. */
    int firstFrom(@Nullable Lsn position) {
        int i = 0;
        while (position != null
                && i < transactions.size()
                && position.isAfter(transactions.get(i).commit())) {
            i++;
        }
        return i;
    }

    private List<Happening> changes(Transaction transaction) {
        List<Happening> changes = new ArrayList<>();
        int count = random.nextInt(8) == 0 ? 20 : 1 + random.nextInt(4);
        while (changes.size() < count) {
            int table = random.nextInt(TABLES.size());
            if (random.nextInt(40) == 0) {
                shapes.set(table, shape(table, shapes.get(table).version() + 1));
            }
            Happening change = change(transaction, changes.size(), shapes.get(table));
            if (change != null) {
                changes.add(change);
                happenings.add(change);
            }
        }
        return changes;
    }

    private @Nullable Happening change(Transaction transaction, int ordinal, Shape shape) {
        List<int[]> table = rows.get(shape.table());
        int dice = random.nextInt(100);
        if (dice < 2) {
            table.clear();
            return happening(transaction, ordinal, shape, Operation.TRUNCATE, null, null);
        }
        if (table.isEmpty() || dice < 30) {
            int[] row = {free(table, 0), free(table, 1), random.nextInt(1_000)};
            if (row[0] < 0 || row[1] < 0) {
                return null;
            }
            table.add(row);
            return happening(transaction, ordinal, shape, Operation.INSERT, null, row);
        }
        int place = random.nextInt(table.size());
        int[] old = table.get(place);
        if (dice < 50) {
            table.remove(place);
            return happening(transaction, ordinal, shape, Operation.DELETE, old, null);
        }
        int[] row = {old[0], old[1], random.nextInt(1_000)};
        for (int column = 0; column < 2; column++) {
            int value = free(table, column);
            if (random.nextInt(3) == 0 && value >= 0) {
                row[column] = value;
            }
        }
        table.set(place, row);
        return happening(transaction, ordinal, shape, Operation.UPDATE, old, row);
    }

    /** A value that no row of the table has; -1 if chance finds none. */
    private int free(List<int[]> table, int column) {
        int value = random.nextInt(VALUES);
        return table.stream().anyMatch(row -> row[column] == value) ? -1 : value;
    }

    private Happening happening(
            Transaction transaction,
            int ordinal,
            Shape shape,
            Operation operation,
            int @Nullable [] old,
            int @Nullable [] now) {
        Set<String> keys = new HashSet<>();
        if (old != null) {
            keys.add(key(shape, old));
        }
        if (now != null) {
            keys.add(key(shape, now));
        }
        boolean sent = old != null && (now == null || shape.full() || keys.size() == 2);
        return new Happening(
                happenings.size(),
                ordinal,
                transaction,
                shape,
                operation,
                sent ? before(shape, old) : null,
                now == null ? null : after(shape.full() ? old : null, now),
                keys);
    }

    private static String key(Shape shape, int[] row) {
        StringBuilder key = new StringBuilder();
        shape.key().forEach(column -> key.append('/').append(row[column]));
        return key.toString();
    }

    private static List<ColumnValue> before(Shape shape, int @Nullable [] row) {
        List<ColumnValue> values = new ArrayList<>();
        for (int i = 0; row != null && i < row.length; i++) {
            values.add(
                    shape.full() || shape.key().contains(i)
                            ? new ColumnValue.Text(Integer.toString(row[i]))
                            : Absent.ABSENT);
        }
        return values;
    }

    /** Now and then a value that did not change is too large to be sent. */
    private List<ColumnValue> after(int @Nullable [] old, int[] row) {
        List<ColumnValue> values = new ArrayList<>();
        for (int i = 0; i < row.length; i++) {
            boolean large = old != null && old[i] == row[i] && random.nextInt(3) == 0;
            values.add(large ? Absent.ABSENT : new ColumnValue.Text(Integer.toString(row[i])));
        }
        return values;
    }
}
