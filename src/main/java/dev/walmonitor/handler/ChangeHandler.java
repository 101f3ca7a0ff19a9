package dev.walmonitor.handler;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.RowChange;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Does something about one change.
 *
 * <p>Contract: the change is done when the {@code Uni} completes; when it fails, the change is
 * tried again, later and later, and changes of the same row wait behind it. A change may come again
 * after a crash, so doing it twice must do no harm. Changes of one row come one after the other in
 * commit order; different rows come at the same time. The {@code Uni} is subscribed to on an event
 * loop: it must not block, unless the class of a Java handler says {@code @RunOnVirtualThread} or
 * {@code @Blocking}.
 */
@FunctionalInterface
public interface ChangeHandler {

    Uni<HandlerResult> handle(RowChange change);

    /**
     * Whether changes of one row must come one after the other. A handler for which only the last
     * state counts, such as a cached query, says no: it is given every change at once, and may
     * complete many together.
     */
    default boolean ordered() {
        return true;
    }

    /**
     * What changes have in common of which only the last has to be done, once they wait in the
     * database: such as the key of a cached query. Asked only of handlers that are not {@link
     * #ordered}. The same text whenever it is asked.
     *
     * @return null if each has to be done
     */
    default @Nullable String coalescedBy(RowChange change) {
        return null;
    }

    /**
     * Why it does nothing about changes any more, until the next start: such as a receiver that
     * wants none. May be asked from any thread.
     *
     * @return null as long as it works
     */
    default @Nullable String disabled() {
        return null;
    }

    /**
     * Says which log is followed from now on: before {@link #warm}, and whenever it is another one.
     * Must not block.
     */
    default void follow(LogIdentity log) {
        // most handlers take what they need to know of it from the changes
    }

    /**
     * Called once before the first change is routed, at every start of the process; a cache fills
     * itself here. A failure is reported and tried again, and does not hold up the start.
     */
    default Uni<HandlerResult> warm() {
        return Uni.createFrom().item(HandlerResult.NONE);
    }

    /**
     * Called after changes were lost, if {@link #canRebuild}; a failure is as one of {@link #warm}.
     */
    default Uni<HandlerResult> rebuild() {
        return warm();
    }

    /**
     * Whether {@link #rebuild} makes anew, from the tables as they are, everything that changes
     * have made: then changes that were lost do no lasting harm.
     */
    default boolean canRebuild() {
        return false;
    }
}
