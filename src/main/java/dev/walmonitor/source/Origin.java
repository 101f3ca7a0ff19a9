package dev.walmonitor.source;

/** Which changes are told, by where they were first made. */
public enum Origin {
    /** All of them. */
    ANY,
    /** Only those made in this database itself; none that came to it by replication. */
    NONE
}
