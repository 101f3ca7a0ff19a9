package dev.walmonitor.monitor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is kept of how the sources came along, and for how long. */
@ConfigMapping(prefix = "wal-monitor.metrics")
public interface MetricsConfig {

    /** How often each source gets a row; zero: never. */
    @WithDefault("10s")
    Duration interval();

    /** How often rows are summed up by minute and hour, and old ones are removed. */
    @WithDefault("1m")
    Duration sumUpEvery();

    /** How long the rows themselves are kept. */
    @WithDefault("1d")
    Duration keep();

    /** How long sums of a minute are kept. */
    @WithDefault("14d")
    Duration keepMinutes();

    /** How long sums of an hour are kept. */
    @WithDefault("400d")
    Duration keepHours();

    /** How long changes of status are kept. */
    @WithDefault("400d")
    Duration keepStatuses();
}
