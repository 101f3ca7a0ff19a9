package dev.walmonitor.source.postgres.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a query, as text. Of several statements in one query, the last one that returns rows.
 *
 * @param notices what the server remarked meanwhile, at most the first {@value #MAX_NOTICES}
 */
public record QueryResult(
        List<String> columns, List<List<@Nullable String>> rows, List<ServerMessage> notices) {

    static final int MAX_NOTICES = 100;

    /**
     * The value of a column, null for NULL.
     *
     * @throws IllegalArgumentException if the query has no such column
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public @Nullable String value(int row, String column) {
        int index = columns.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "Expected one of the columns " + columns + ", got \"" + column + "\"");
        }
        return rows.get(row).get(index);
    }
}
