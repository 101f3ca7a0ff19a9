package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A desk of an instance that follows every source, and does nothing later. */
final class TestDesk {

    /** Every source is followed here, and every rule is done at once. */
    static final Progress FOLLOWS =
            new Progress() {
                @Override
                public Uni<Boolean> caughtUp(String source, String rule, Duration atMost) {
                    return Uni.createFrom().item(true);
                }

                @Override
                public boolean follows(String source) {
                    return true;
                }
            };

    private TestDesk() {}

    static Desk of(
            List<Channel> channels,
            Notifications store,
            MeterRegistry registry,
            InstantSource clock) {
        return Desk.of(channels, store, () -> FOLLOWS, registry, clock, (wait, task) -> {});
    }
}
