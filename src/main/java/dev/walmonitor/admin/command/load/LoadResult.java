package dev.walmonitor.admin.command.load;

import dev.walmonitor.change.TableName;
import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What became of a load.
 *
 * @param rate in changes a second, as it was offered
 * @param took from the first change that was due to the end
 * @param connections how many there were to make the changes
 * @param interrupted whether it was ended before its time
 * @param due how many changes were due until the end
 * @param begun how many of them were sent to the database
 * @param fromDue microseconds from the moment a change was due to the answer of its commit
 * @param fromSent microseconds from its statement to the answer of its commit
 * @param failure what ended it; null if nothing did
 */
public record LoadResult(
        double rate,
        Duration took,
        int connections,
        boolean interrupted,
        long due,
        long begun,
        Map<TableName, Tally> tables,
        Histogram fromDue,
        Histogram fromSent,
        @Nullable String failure) {

    /** How many changes the database has committed. */
    public long done() {
        return tables.values().stream().mapToLong(Tally::done).sum();
    }

    long refused() {
        return tables.values().stream().mapToLong(Tally::refused).sum();
    }

    /** Those that were due and found no connection free until the end. */
    long notBegun() {
        return due - begun;
    }

    /** Changes a second. */
    double reached() {
        return done() * 1e9 / Math.max(1, took.toNanos());
    }
}
