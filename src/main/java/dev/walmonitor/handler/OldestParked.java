package dev.walmonitor.handler;

import dev.walmonitor.handler.Horizon.Place;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * What is parked of a source, to be done later: {@link Horizon} never lies behind it. No bean, or
 * one; found by its type.
 */
public interface OldestParked {

    /**
     * The commit of the oldest change of the source that is parked for any rule and may yet be
     * handled, a dead letter that can be tried again among them; empty if nothing is parked. Fails
     * if that cannot be asked for.
     */
    Uni<Optional<Place>> of(String source);
}
