package dev.walmonitor.admin.command.load;

import dev.walmonitor.change.Operation;
import dev.walmonitor.source.Simulation.Deed;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of one table. Owned by one thread at a time. */
final class Tally {
    private final Map<Operation, Long> done = new EnumMap<>(Operation.class);
    private long refused;
    private @Nullable String why;

    void count(Deed deed) {
        if (deed.failure() == null) {
            done.merge(deed.operation(), 1L, Long::sum);
        } else {
            refused++;
            why = why == null ? deed.failure() : why;
        }
    }

    void add(Tally other) {
        other.done.forEach((operation, count) -> done.merge(operation, count, Long::sum));
        refused += other.refused;
        why = why == null ? other.why : why;
    }

    long count(Operation operation) {
        return done.getOrDefault(operation, 0L);
    }

    long done() {
        return done.values().stream().mapToLong(Long::longValue).sum();
    }

    long refused() {
        return refused;
    }

    /** The first reason for which something was refused. */
    @Nullable String why() {
        return why;
    }
}
