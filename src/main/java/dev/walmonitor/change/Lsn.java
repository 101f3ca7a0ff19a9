package dev.walmonitor.change;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log sequence number of PostgreSQL: a byte offset into the write-ahead log, an unsigned 64-bit
 * number.
 *
 * <p>Comparison is unsigned: {@code 8/0} lies behind {@code 7FFFFFFF/FFFFFFFF} although its {@code
 * long} is negative.
 *
 * @param value the offset in bytes, unsigned
 */
public record Lsn(long value) implements Position {

    /** "No position known"; the server never writes a record there. */
    public static final Lsn ZERO = new Lsn(0);

    private static final long PAGE = 8192;
    private static final long PAGE_HEADER = 24;
    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Reads the textual form {@code XXX/XXX}, with or without leading zeros in either half
     * (PostgreSQL 19 pads the second one).
     *
     * @throws IllegalArgumentException if the text is not of that form
     */
    public static Lsn parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got \""
                            + text
                            + "\"");
        }
        return new Lsn(Long.parseLong(m.group(1), 16) << 32 | Long.parseLong(m.group(2), 16));
    }

    /**
     * The last place at or before this one at which a record of the log may end. What {@code
     * pg_current_wal_insert_lsn()} answers may lie behind the 24 bytes that a page of 8 kB begins
     * with, where nothing ever ends; then it is the page's beginning. (A segment's first page has a
     * longer header; behind that the place stays as it is, and the log reaches it with its next
     * record.)
     */
    public Lsn endOfRecord() {
        long intoPage = value & PAGE - 1;
        return intoPage <= PAGE_HEADER ? new Lsn(value - intoPage) : this;
    }

    /** Bytes from {@code earlier} to here; negative if it is in fact later. */
    public long bytesSince(Lsn earlier) {
        return value - earlier.value;
    }

    @Override
    public int compareTo(Position other) {
        return switch (other) {
            case Lsn lsn -> Long.compareUnsigned(value, lsn.value);
        };
    }

    @Override
    public String text() {
        return (Long.toHexString(value >>> 32) + "/" + Long.toHexString(value & 0xFFFF_FFFFL))
                .toUpperCase(Locale.ROOT);
    }

    @Override
    public long number() {
        return value;
    }

    @Override
    public String toString() {
        return text();
    }
}
