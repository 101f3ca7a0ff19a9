package dev.walmonitor.source;

import org.jspecify.annotations.Nullable;

/**
 * What the database says of its log and of our place in it. The confirmed lag is ours; where the
 * retained log is much more, a transaction that was left open holds it.
 *
 * @param lagBytes log that was written and not yet confirmed, in bytes
 * @param retainedBytes log that the database keeps on disk for us, in bytes
 * @param active whether the database sees somebody connected to the slot
 * @param safeBytes how much more log can be written before the slot is in danger of being lost;
 *     null where the server sets no limit
 * @param catalogAge how many transactions old the oldest is that the slot keeps the catalogue for
 */
public record LogGauges(
        long lagBytes,
        long retainedBytes,
        boolean active,
        @Nullable Long safeBytes,
        long catalogAge) {

    public LogGauges(long lagBytes, long retainedBytes, boolean active) {
        this(lagBytes, retainedBytes, active, null, 0);
    }

    /**
     * Whether it is mostly what we have not confirmed that keeps the log, and not a transaction
     * that was left open.
     */
    public boolean isOurs() {
        return lagBytes >= retainedBytes / 2;
    }

    /** Of a slot that is not there. */
    public static final LogGauges NONE = new LogGauges(0, 0, false, null, 0);
}
