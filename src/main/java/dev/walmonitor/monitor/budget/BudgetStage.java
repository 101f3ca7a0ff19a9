package dev.walmonitor.monitor.budget;

import java.util.Locale;

/** How far a slot's budget is used up. Each stage holds with those before it. */
public enum BudgetStage {
    /** There is room, or no budget. */
    NONE,
    /** Somebody is told. */
    WARN,
    /** Rules that hold up the log are parked. */
    SPILL,
    /** Caches that are named only take keys away. */
    INVALIDATE,
    /** The slot is given up. */
    GIVE_UP;

    /** Such as {@code give-up}, in the API. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
