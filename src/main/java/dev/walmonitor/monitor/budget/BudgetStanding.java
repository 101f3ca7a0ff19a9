package dev.walmonitor.monitor.budget;

import dev.walmonitor.source.LogGauges;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a slot's budget stands in this instance.
 *
 * @param size what the slot may keep by the configuration, in bytes; null for what the server
 *     allows
 * @param warnAt from which part of it on somebody is told, in percent
 * @param stages those that the configuration asks for
 * @param since when the stage was entered; null before the first
 * @param limit what the slot may keep, in bytes; null if nobody says, or it was not asked yet
 * @param percent how much of that is used
 * @param sentence what is done at this stage; null at {@link BudgetStage#NONE}
 * @param kept why the slot is not given up though it should be; null if that is not so
 * @param remedy what to do; null if there is nothing
 * @param givenUpAt when the slot was last given up by this instance; null if it was not
 * @param givenUp why, a sentence; null if it was not
 */
public record BudgetStanding(
        @Nullable Long size,
        int warnAt,
        Set<BudgetStage> stages,
        BudgetStage stage,
        @Nullable Instant since,
        @Nullable Long limit,
        long percent,
        @Nullable String sentence,
        @Nullable String kept,
        @Nullable String remedy,
        @Nullable Instant givenUpAt,
        @Nullable String givenUp) {

    /** Before anything was seen. */
    public static BudgetStanding unseen(@Nullable Long size, int warnAt) {
        return new BudgetStanding(
                size,
                warnAt,
                Set.of(),
                BudgetStage.NONE,
                null,
                null,
                0,
                null,
                null,
                null,
                null,
                null);
    }

    /** Whether a stage that is asked for is in force, alone or with one behind it. */
    public boolean isAt(BudgetStage wanted) {
        return stage.compareTo(wanted) >= 0 && stages.contains(wanted);
    }

    /** What the slot may keep, in bytes; null if nobody says. */
    public @Nullable Long limit(LogGauges gauges) {
        Long safe = gauges.safeBytes();
        if (size != null) {
            return size;
        }
        return safe == null ? null : gauges.retainedBytes() + Math.max(0, safe);
    }
}
