package dev.walmonitor.monitor.budget;

import java.util.Locale;

/** How far a slot's budget is used up. Each stage holds with those before it. */
public enum BudgetStage {
    /** There is room, or no budget. */
    NONE(0),
    /** Somebody is told. */
    WARN(1),
    /** Rules that hold up the log are parked. */
    SPILL(2),
    /** Caches that are named only take keys away. */
    INVALIDATE(3),
    /** The slot is given up. */
    GIVE_UP(4);

    private final int number;

    BudgetStage(int number) {
        this.number = number;
    }

    /** As in the metric. */
    int number() {
        return number;
    }

    /** Such as {@code give-up}, in the API. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
