package dev.walmonitor.change;

import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.ColumnValue.Null;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One committed change of one row (or, for TRUNCATE, of one table). */
public sealed interface RowChange extends ChangeEvent {

    Transaction transaction();

    /** The place among the transaction's changes, from 0. */
    int ordinal();

    Relation relation();

    Operation operation();

    /** The row before the change as far as the replica identity sends it, or null. */
    @Nullable Row before();

    /** The row after the change, or null if there is none. */
    @Nullable Row after();

    default ChangeId id() {
        return new ChangeId(transaction().commit(), ordinal());
    }

    default TableName table() {
        return relation().table();
    }

    /** The row that is there: the new one, or the old one of a DELETE; null for TRUNCATE. */
    default @Nullable Row row() {
        Row after = after();
        return after != null ? after : before();
    }

    /**
     * Whether the change gave the column another value: of an INSERT and a DELETE, whether the
     * value is not NULL; of an UPDATE, whether the old and the new value differ. A large value that
     * the log left out because it did not change has not changed.
     *
     * @throws IllegalArgumentException if the table has no such column
     * @throws IllegalStateException if the old value is not known: because the table's replica
     *     identity does not send it (the message holds the statement that changes this), or because
     *     the change is a TRUNCATE
     */
    default boolean hasChanged(String column) {
        Change c = change(relation().require(column));
        if (this instanceof Truncate) {
            throw new IllegalStateException(
                    "Whether "
                            + table()
                            + "."
                            + column
                            + " changed cannot be known: a TRUNCATE sends no rows");
        }
        if (this instanceof Update && c.after() == Absent.ABSENT) {
            return false;
        }
        if (c.before() == Absent.ABSENT || c.after() == Absent.ABSENT) {
            throw new IllegalStateException(
                    "Whether "
                            + table()
                            + "."
                            + column
                            + " changed cannot be known: its old value is not sent. Mend it with: ALTER TABLE "
                            + table().quoted()
                            + " REPLICA IDENTITY FULL");
        }
        return !c.before().equals(c.after());
    }

    /** The same change, as one of another transaction. */
    default RowChange in(Transaction another) {
        return switch (this) {
            case Insert i -> new Insert(another, i.ordinal(), i.after());
            case Update u -> new Update(another, u.ordinal(), u.before(), u.after());
            case Delete d -> new Delete(another, d.ordinal(), d.before());
            case Truncate t ->
                    new Truncate(
                            another, t.ordinal(), t.relation(), t.cascade(), t.restartIdentity());
        };
    }

    /**
     * The columns that are known to have changed, in the table's order. What cannot be known is
     * left out.
     */
    default Map<String, Change> changes() {
        Map<String, Change> changes = new LinkedHashMap<>();
        List<Column> columns = relation().columns();
        for (int i = 0; i < columns.size(); i++) {
            Change c = change(i);
            if (c.before() != Absent.ABSENT
                    && c.after() != Absent.ABSENT
                    && !c.before().equals(c.after())) {
                changes.put(columns.get(i).name(), c);
            }
        }
        return Collections.unmodifiableMap(changes);
    }

    private Change change(int column) {
        return switch (this) {
            case Insert i -> new Change(Null.NULL, i.after().value(column));
            case Delete d -> new Change(d.before().value(column), Null.NULL);
            case Update u -> new Change(u.oldValue(column), u.after().value(column));
            case Truncate t -> new Change(Absent.ABSENT, Null.NULL);
        };
    }

    record Insert(Transaction transaction, int ordinal, Row after) implements RowChange {
        @Override
        public Relation relation() {
            return after.relation();
        }

        @Override
        public Operation operation() {
            return Operation.INSERT;
        }

        @Override
        public @Nullable Row before() {
            return null;
        }
    }

    /**
     * @param before null when neither the key changed nor the replica identity is FULL
     */
    record Update(Transaction transaction, int ordinal, @Nullable Row before, Row after)
            implements RowChange {
        @Override
        public Relation relation() {
            return after.relation();
        }

        @Override
        public Operation operation() {
            return Operation.UPDATE;
        }

        /**
         * The old value; when no old row was sent, an identity column still has the value it had.
         * Under FULL an old row is always sent, but for a partition whose own identity is another
         * than that of the table it is published as: then nothing is known.
         */
        private ColumnValue oldValue(int column) {
            ColumnValue now = after.value(column);
            if (before != null) {
                return before.value(column);
            }
            boolean kept =
                    relation().columns().get(column).identity()
                            && relation().identity() != ReplicaIdentity.FULL;
            return kept ? now : Absent.ABSENT;
        }
    }

    /**
     * @param before holds at least the replica identity's columns
     */
    record Delete(Transaction transaction, int ordinal, Row before) implements RowChange {
        @Override
        public Relation relation() {
            return before.relation();
        }

        @Override
        public Operation operation() {
            return Operation.DELETE;
        }

        @Override
        public @Nullable Row after() {
            return null;
        }
    }

    /**
     * All rows of one table are gone; a statement that truncates several makes one change for each.
     */
    record Truncate(
            Transaction transaction,
            int ordinal,
            Relation relation,
            boolean cascade,
            boolean restartIdentity)
            implements RowChange {
        @Override
        public Operation operation() {
            return Operation.TRUNCATE;
        }

        @Override
        public @Nullable Row before() {
            return null;
        }

        @Override
        public @Nullable Row after() {
            return null;
        }
    }
}
