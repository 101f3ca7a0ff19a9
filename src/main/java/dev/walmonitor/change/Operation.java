package dev.walmonitor.change;

/** What happened to a row, or to a whole table. */
public enum Operation {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE
}
