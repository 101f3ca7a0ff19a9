package dev.walmonitor.source;

/**
 * What the database says of its log and of our place in it.
 *
 * @param lagBytes log that was written and not yet confirmed, in bytes
 * @param retainedBytes log that the database keeps on disk for us, in bytes
 * @param active whether the database sees somebody connected to the slot
 */
public record LogGauges(long lagBytes, long retainedBytes, boolean active) {}
