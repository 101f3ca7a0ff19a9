package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ReplicaIdentity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * By which columns the rows of a table are told apart, so that changes of one row stay in order and
 * changes of different rows need not. The primary key is wanted; but a key is of use only if its
 * old value is sent whenever it changes, or the change could not be put behind those of the old
 * key.
 */
public final class LaneKey {

    private LaneKey() {}

    /**
     * @param primaryKey the catalogue's, by column name; null if there is none, or none is known
     * @return indexes of columns, ascending; empty if rows cannot be told apart
     */
    public static List<Integer> of(
            ReplicaIdentity identity, List<Column> columns, @Nullable List<String> primaryKey) {
        return switch (identity) {
            // The flagged columns are the primary key as of the moment of the change.
            case DEFAULT -> flagged(columns);
            case INDEX -> {
                List<Integer> key = primaryKey(columns, primaryKey);
                boolean sent = key.stream().allMatch(i -> columns.get(i).identity());
                yield key.isEmpty() || !sent ? flagged(columns) : key;
            }
            // Every column is flagged, so the flags say nothing, and every old value is sent.
            case FULL -> primaryKey(columns, primaryKey);
            // Nothing is flagged; the server lets no row of a published table change its key.
            case NOTHING -> primaryKey(columns, primaryKey);
        };
    }

    private static List<Integer> flagged(List<Column> columns) {
        return indexes(columns, Column::identity);
    }

    /** Empty unless every column of the key is among those that are sent. */
    private static List<Integer> primaryKey(List<Column> columns, @Nullable List<String> names) {
        if (names == null) {
            return List.of();
        }
        Set<String> key = new HashSet<>(names);
        List<Integer> indexes = indexes(columns, column -> key.contains(column.name()));
        return indexes.size() == key.size() ? indexes : List.of();
    }

    private static List<Integer> indexes(List<Column> columns, Predicate<Column> wanted) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (wanted.test(columns.get(i))) {
                indexes.add(i);
            }
        }
        return List.copyOf(indexes);
    }
}
