package dev.walmonitor.change;

import java.util.List;

/** A row whose values are there already. */
record ValueRow(Relation relation, List<ColumnValue> values) implements Row {

    ValueRow {
        if (values.size() != relation.columns().size()) {
            throw new IllegalArgumentException(
                    "Expected "
                            + relation.columns().size()
                            + " values for "
                            + relation
                            + ", got "
                            + values.size());
        }
    }

    @Override
    public ColumnValue value(int column) {
        return values.get(column);
    }
}
