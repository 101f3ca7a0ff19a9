package dev.walmonitor.admin;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.multi.MultiSelectFirstUntilOtherOp;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** A part of a stream that has no end. */
final class Window {

    private Window() {}

    /**
     * What comes within a time of the subscription. Mutiny's {@code select().first(Duration)} is
     * the same with a clock that ticks on after the end, for ever, and holds all that listened.
     */
    static <T> Multi<T> first(Multi<T> all, Duration time, ScheduledExecutorService clock) {
        Multi<Boolean> over =
                Uni.createFrom().item(true).onItem().delayIt().onExecutor(clock).by(time).toMulti();
        return all.plug(each -> new MultiSelectFirstUntilOtherOp<>(each, over));
    }
}
