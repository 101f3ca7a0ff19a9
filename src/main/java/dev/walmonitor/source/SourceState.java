package dev.walmonitor.source;

/** Where a source stands. */
public enum SourceState {
    /**
     * On the way to a stream that is proved to run: first connect, or again after a failure that
     * waiting can mend.
     */
    CONNECTING,
    /** Another instance holds the slot; this one takes over when it lets go. */
    STANDBY,
    /** The log is being read, which was proved a moment ago. */
    STREAMING,
    /** The log is being read, which was proved a moment ago, and nobody changes anything. */
    IDLE,
    /** The connection is there, and nothing comes through; or nothing can be taken in. */
    STALLED,
    /** The connection is there, and an operator has told us to read nothing for now. */
    PAUSED,
    /**
     * Something that waiting rarely mends: rights, password, settings of the server. Tried again,
     * slowly.
     */
    FAILED,
    /** There is no slot where there was one, as after a fail-over that did not carry it over. */
    SLOT_MISSING,
    /** The slot is there and can no longer give what it should. */
    SLOT_LOST,
    /** The publication is not there, or was not there at the position that has to be read. */
    PUBLICATION_MISSING,
    /** The slot has moved on further than we have read: somebody else read from it, or made it. */
    GAP_SUSPECTED,
    /** Another database cluster answers, or the same one with an older state of its data. */
    IDENTITY_MISMATCH,
    /** A message that cannot be decoded, at a known place; only an operator's skip passes it. */
    POISONED,
    /** Winding down, or down, on request. */
    STOPPING;

    /** Whether the stream is proved to run. */
    public boolean isProved() {
        return this == STREAMING || this == IDLE;
    }
}
