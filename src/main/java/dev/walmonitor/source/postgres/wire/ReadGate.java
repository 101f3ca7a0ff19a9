package dev.walmonitor.source.postgres.wire;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether the socket is read, owned by one connection's event loop. There are two reasons not to,
 * each with an owner who knows nothing of the other; it is read when there is none.
 */
final class ReadGate {
    enum Reason {
        /** Whoever takes the data wants no more for now. */
        NO_DEMAND,
        /** The pacer lets data pile up. */
        PACE
    }

    private final Consumer<Boolean> reading;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

    /** {@code reading} is told true or false when that changes; it begins as true. */
    ReadGate(Consumer<Boolean> reading) {
        this.reading = reading;
    }

    void shut(Reason reason) {
        boolean wasOpen = reasons.isEmpty();
        if (reasons.add(reason) && wasOpen) {
            reading.accept(false);
        }
    }

    void open(Reason reason) {
        if (reasons.remove(reason) && reasons.isEmpty()) {
            reading.accept(true);
        }
    }
}
