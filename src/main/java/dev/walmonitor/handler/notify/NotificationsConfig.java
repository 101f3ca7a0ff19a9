package dev.walmonitor.handler.notify;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is kept of notifications. */
@ConfigMapping(prefix = "wal-monitor.notifications")
public interface NotificationsConfig {

    /** How long it stays on record what became of a notification. */
    @WithDefault("30d")
    Duration retention();
}
