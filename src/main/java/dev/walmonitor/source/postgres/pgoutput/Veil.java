package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.ColumnPolicy.Treatment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the values of a table that were sent and what everybody sees of them. NULL
 * stays NULL, and what was not sent stays so.
 *
 * @param places of the columns that are seen, among those that are sent
 * @param treatments of the columns that are seen
 */
record Veil(List<Integer> places, List<Treatment> treatments, ColumnPolicy policy) {

    /** Null if everything of the table is seen. */
    static @Nullable Veil of(ColumnPolicy policy, Relation sent) {
        Treatment[] all = policy.of(sent.table(), sent.columns());
        if (all == null) {
            return null;
        }
        List<Integer> places = new ArrayList<>();
        List<Treatment> treatments = new ArrayList<>();
        for (int i = 0; i < all.length; i++) {
            if (all[i] != Treatment.DROP) {
                places.add(i);
                treatments.add(all[i]);
            }
        }
        return new Veil(places, treatments, policy);
    }

    int place(int column) {
        return places.get(column);
    }

    boolean shows(int column) {
        return treatments.get(column) == Treatment.SHOW;
    }

    /** What is seen of a value. */
    ColumnValue over(int column, ColumnValue value) {
        return switch (treatments.get(column)) {
            case SHOW, DROP -> value;
            case MASK -> isThere(value) ? new Text(ColumnPolicy.MASK) : value;
            case HASH -> isThere(value) ? new Text(policy.hash(text(value))) : value;
        };
    }

    private static boolean isThere(ColumnValue value) {
        return value instanceof Text || value instanceof ColumnValue.Binary;
    }

    private static String text(ColumnValue value) {
        return value instanceof ColumnValue.Binary binary
                ? "\\x" + HexFormat.of().formatHex(binary.bytes())
                : String.valueOf(value.textOrNull());
    }
}
