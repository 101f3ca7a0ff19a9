package dev.walmonitor.source;

/** Where a source stands. */
public enum SourceState {
    /** On the way to a stream: first connect, or again after a failure that waiting can mend. */
    CONNECTING,
    /** Another instance holds the slot; this one takes over when it lets go. */
    STANDBY,
    /** The log is being read, and bytes came within the time that the server promises. */
    STREAMING,
    /** The connection is there and silent for longer than the server promises. */
    STALLED,
    /**
     * Something that waiting rarely mends: rights, password, settings of the server. Tried again,
     * slowly.
     */
    FAILED,
    /** The slot is gone, or can no longer give what it should. */
    SLOT_LOST,
    /** A message that cannot be decoded, at a known place; only an operator's skip passes it. */
    POISONED,
    /** Winding down, or down, on request. */
    STOPPED
}
