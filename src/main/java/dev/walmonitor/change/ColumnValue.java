package dev.walmonitor.change;

import org.jspecify.annotations.Nullable;

/**
 * What the log holds for one column of one row. Absent and null are different things and never
 * mixed up.
 */
public sealed interface ColumnValue {

    /** The value in the database's own text form. */
    record Text(String text) implements ColumnValue {}

    /** The value in the type's binary send format; of a type whose text cannot be had from it. */
    record Binary(byte[] bytes) implements ColumnValue {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Binary b && java.util.Arrays.equals(bytes, b.bytes);
        }

        @Override
        public int hashCode() {
            return java.util.Arrays.hashCode(bytes);
        }
    }

    /** SQL NULL. */
    enum Null implements ColumnValue {
        NULL
    }

    /**
     * Not sent: an unchanged large (TOASTed) value, or a column outside the replica identity in an
     * old row.
     */
    enum Absent implements ColumnValue {
        ABSENT
    }

    /** The text, or null for SQL NULL and for what was not sent. */
    default @Nullable String textOrNull() {
        return switch (this) {
            case Text t -> t.text();
            case Binary b ->
                    throw new IllegalStateException(
                            "Expected a value in text form, got "
                                    + b.bytes().length
                                    + " bytes in binary form; set binary to false for the source");
            case Null n -> null;
            case Absent a -> null;
        };
    }
}
