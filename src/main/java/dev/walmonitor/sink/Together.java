package dev.walmonitor.sink;

import io.smallrye.mutiny.CompositeException;
import io.smallrye.mutiny.Uni;
import java.util.List;

/**
 * Several things done at the same time. Nobody is told before all of them are over: what is still
 * going on while its change is tried again could do harm, and the failures of those that come late
 * would have nowhere to go.
 */
public final class Together {
    private Together() {}

    /** Completes with all answers in order; fails as the first did that failed. */
    public static <T> Uni<List<T>> all(List<Uni<T>> work) {
        return work.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Uni.join().all(work).andCollectFailures().onFailure().transform(Together::first);
    }

    /** As {@link #all}, so many at a time. */
    public static <T> Uni<List<T>> all(List<Uni<T>> work, int atOnce) {
        return work.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Uni.join()
                        .all(work)
                        .usingConcurrencyOf(atOnce)
                        .andCollectFailures()
                        .onFailure()
                        .transform(Together::first);
    }

    /** The failure itself, or the first one of several. */
    public static Throwable first(Throwable failure) {
        return failure instanceof CompositeException several
                ? several.getCauses().getFirst()
                : failure;
    }
}
