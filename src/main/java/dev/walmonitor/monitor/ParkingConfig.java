package dev.walmonitor.monitor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is kept of changes that were given up. */
@ConfigMapping(prefix = "wal-monitor.parking")
interface ParkingConfig {

    /** A dead letter that nobody retried or discarded is forgotten after so long. */
    @WithDefault("30d")
    Duration deadLetterRetention();

    /** How often it is looked for those. */
    @WithDefault("10m")
    Duration sweepEvery();
}
