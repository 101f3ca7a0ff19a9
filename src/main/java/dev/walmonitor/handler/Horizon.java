package dev.walmonitor.handler;

import dev.walmonitor.change.Position;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * How far back changes may come again: what a handler remembers of older ones, so as to know them
 * again, it may forget. One bean; found by its type.
 */
public interface Horizon {

    /**
     * A place in all logs of one source.
     *
     * @param epoch as in {@link dev.walmonitor.change.LogIdentity#epoch}; later ones come after
     *     earlier ones
     */
    record Place(long epoch, Position position) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int c = Long.compare(epoch, other.epoch);
            return c != 0 ? c : position.compareTo(other.position);
        }
    }

    /**
     * The place of which everything before is done by every rule, durably, and none of it waits to
     * be done again; empty if that is not known. Fails if what is on record cannot be asked for.
     */
    Uni<Optional<Place>> of(String source);
}
