package dev.walmonitor.monitor.alert;

import java.util.Locale;

/** What can be wrong. */
public enum AlertKind {
    /** Too much log is not confirmed. */
    LAG("Replication lag"),
    /** The slot comes near to what the server lets it keep. */
    RETAINED_WAL("Retained WAL"),
    /** Rules are parked, as the slot keeps too much. */
    SLOT_SPILL("Slow rules parked"),
    /** Caches only take keys away, as the slot keeps too much. */
    SLOT_INVALIDATE("Caches invalidated only"),
    /** The slot was given up a while ago, with a gap. */
    SLOT_GIVEN_UP("Slot given up"),
    /** The slot should be given up, and cannot be. */
    SLOT_KEPT("Slot not given up"),
    /** Nobody is connected to the slot, while the log grows. */
    SLOT_INACTIVE("Slot inactive"),
    /** The source is in a state in which nothing is proved to come. */
    NOT_STREAMING("Not streaming"),
    /** A monitor row says ERROR, whoever wrote it. */
    MONITOR_ERROR("Monitor row in ERROR"),
    /** A rule does nothing until the next start. */
    RULE_DISABLED("Rule disabled"),
    /** A rule has given up changes. */
    DEAD_LETTERS("Dead letters"),
    /** A cache's keys were found to be wrong. */
    CACHE_DIVERGENCE("Cache divergence");

    private final String title;

    AlertKind(String title) {
        this.title = title;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** Such as {@code retained-wal}, in the configuration, the API and the metric. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
