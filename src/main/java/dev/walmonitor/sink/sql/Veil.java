package dev.walmonitor.sink.sql;

import org.jspecify.annotations.Nullable;

/** What of one table's rows is kept from everybody, though the database gives it. */
public interface Veil {

    /** Whether everybody sees the column as it is. */
    boolean shows(String column);

    /** Whether nobody sees that there is such a column. */
    boolean drops(String column);

    /** What everybody sees of a value; null is NULL. */
    @Nullable String over(String column, @Nullable String value);
}
