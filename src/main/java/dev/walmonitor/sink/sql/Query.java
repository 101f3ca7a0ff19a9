package dev.walmonitor.sink.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A query or statement that a user wrote, such as one SELECT, with places for values between its
 * fragments.
 *
 * @param fragments one more than there are values
 */
public record Query(List<String> fragments) {

    public Query {
        fragments = List.copyOf(fragments);
        if (fragments.isEmpty()) {
            throw new IllegalArgumentException("Expected at least one fragment, got none");
        }
    }

    /** A query without values. */
    public static Query of(String text) {
        return new Query(List.of(text));
    }

    /**
     * The same query, of whose rows the first are read.
     *
     * @param rows as many at most
     */
    public Query limited(int rows) {
        List<String> limited = new ArrayList<>(fragments);
        limited.set(0, "select * from (\n" + limited.getFirst());
        limited.set(limited.size() - 1, limited.getLast() + "\n) q limit " + rows);
        return new Query(limited);
    }

    /** How many values it takes. */
    public int parameters() {
        return fragments.size() - 1;
    }

    /** The statement, with {@code $1}, {@code $2}, … for the values. */
    String text() {
        return text(n -> "$" + n);
    }

    /**
     * The statement whose values are text that is cast.
     *
     * @param types as {@code regtype} prints them, one a value
     */
    String text(List<String> types) {
        return text(n -> "cast($" + n + "::text as " + types.get(n - 1) + ")");
    }

    private String text(IntFunction<String> parameter) {
        StringBuilder text = new StringBuilder(fragments.getFirst());
        for (int n = 1; n < fragments.size(); n++) {
            text.append(parameter.apply(n)).append(fragments.get(n));
        }
        return text.toString();
    }
}
