package dev.walmonitor.rule.cel;

/** What an expression says of a change. */
public enum Answer {
    YES,
    NO,
    /** It hangs on a value that the log did not send. */
    UNKNOWN
}
