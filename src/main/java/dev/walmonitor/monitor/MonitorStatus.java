package dev.walmonitor.monitor;

/** What a monitor row says of its source in one word. */
public enum MonitorStatus {
    /** It is streaming, and changes came lately. */
    ACTIVE,
    /** It is proved to be streaming, and there was nothing to tell for a while. */
    IDLE,
    /** It is not streaming; the row's message says why. */
    ERROR
}
