package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What all notify rules share: the channels at their pace, the record, and what waits. Thread-safe.
 *
 * @param channels by name
 */
record Desk(
        Map<String, Channel> channels,
        Notifications store,
        NotificationLog log,
        Folding folding,
        Courier courier,
        NotifyMeters meters,
        InstantSource clock) {

    /**
     * @param progress asked for when it is needed
     */
    static Desk of(
            List<Channel> all,
            Notifications store,
            Supplier<Progress> progress,
            MeterRegistry registry,
            InstantSource clock,
            Later later) {
        Map<String, Channel> channels = new TreeMap<>();
        all.forEach(channel -> channels.put(channel.name(), new PacedChannel(channel, clock)));
        NotifyMeters meters = new NotifyMeters(registry);
        Folding folding = new Folding(store, clock);
        return new Desk(
                channels,
                store,
                new NotificationLog(store, later),
                folding,
                new Courier(store, folding, progress, channels, meters, clock),
                meters,
                clock);
    }
}
