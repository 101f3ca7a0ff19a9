package dev.walmonitor.tracing;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When the last transactions of one source came. Owned by the pipeline's loop. */
final class Arrivals {
    private static final int MOST = 10_000;

    private record Place(long epoch, Position commit) {
        private static Place of(Transaction transaction) {
            return new Place(transaction.epoch(), transaction.commit());
        }
    }

    private final Map<Place, Instant> known =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Place, Instant> eldest) {
                    return size() > MOST;
                }
            };

    void came(Transaction transaction, Instant when) {
        var _ = known.put(Place.of(transaction), when);
    }

    /** Null if it is not known (any more). */
    @Nullable Instant of(Transaction transaction) {
        return known.get(Place.of(transaction));
    }
}
