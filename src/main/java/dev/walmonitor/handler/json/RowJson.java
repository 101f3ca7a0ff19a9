package dev.walmonitor.handler.json;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows of changes of one database as JSON: the same text, byte for byte, as {@code
 * to_jsonb(row)::text} of the columns that the log has (which are not those that are generated) in
 * a session with the settings of {@link dev.walmonitor.sink.sql.PgQueries#SESSION}. Thread-safe.
 *
 * <p>How rows of a table are written is worked out once a relation.
 */
public final class RowJson {
    private final TypeShapes shapes;

    /** By the table's OID; of another shape of the same table the last one asked for is kept. */
    private final Map<Integer, RowPlan> plans = new ConcurrentHashMap<>();

    public RowJson(TypeShapes shapes) {
        this.shapes = shapes;
    }

    /**
     * The row, or null if its text cannot be told from the values: one is absent or in binary form,
     * or a column is of a type that is not known yet (the database is being asked) or never
     * rendered (see {@link TypeShapes}). Then it has to be read from the database.
     *
     * @param values one for each column of the relation, in its order
     * @throws IllegalArgumentException if there are more or fewer values
     */
    public @Nullable String render(Relation relation, List<ColumnValue> values) {
        if (values.size() != relation.columns().size()) {
            throw new IllegalArgumentException(
                    "Expected "
                            + relation.columns().size()
                            + " values for "
                            + relation
                            + ", got "
                            + values.size());
        }
        RowPlan plan = plan(relation);
        return plan == null ? null : plan.render(values);
    }

    private @Nullable RowPlan plan(Relation relation) {
        RowPlan known = plans.get(relation.oid());
        if (known != null && known.relation() == relation) {
            return known;
        }
        RowPlan made = RowPlan.of(relation, shapes);
        if (made != null) {
            plans.put(relation.oid(), made);
        }
        return made;
    }
}
