package dev.walmonitor.change;

/**
 * A place in the log of one source. Positions of one source (and one epoch of its slot) are totally
 * ordered; positions of different sources must not be compared.
 */
public sealed interface Position extends Comparable<Position> permits Lsn {

    /** The form people read and type, as the database itself prints it. */
    String text();

    /** The same place as a number for gauges and columns of type bigint; unsigned. */
    long number();

    /** Whether this place lies behind {@code other} in the log. */
    default boolean isAfter(Position other) {
        return compareTo(other) > 0;
    }

    /** The later of two places. */
    static <P extends Position> P later(P one, P other) {
        return one.isAfter(other) ? one : other;
    }
}
