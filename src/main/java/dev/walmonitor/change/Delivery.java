package dev.walmonitor.change;

/** How often a change may have come to its handlers, as far as the one who tells it knows. */
public enum Delivery {
    /** For the first time. */
    FIRST,
    /** It may have come before: to a process that ended, or over a stream that broke within it. */
    AGAIN,
    /** An operator wanted it once more, from what was archived. */
    REPLAY
}
