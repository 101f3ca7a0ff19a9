package dev.walmonitor.monitor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How closely the sources are watched. */
@ConfigMapping(prefix = "wal-monitor.monitor")
public interface MonitorConfig {

    /** How often the monitor row of a source is written at most. */
    @WithDefault("1s")
    Duration every();

    /** A source is IDLE when no change came for so long. */
    @WithDefault("60s")
    Duration idleAfter();

    /** How often a source's database is asked how far we are behind. */
    @WithDefault("5s")
    Duration sampleEvery();

    /** How many rows of other listeners are written at once; the others wait for their turn. */
    @WithDefault("4")
    int writesAtOnce();

    /** A monitor row is removed when nobody has checked its source for so long; zero: never. */
    @WithDefault("30d")
    Duration staleAfter();

    /** Whether that is also done with the rows of the sources of the configuration. */
    @WithDefault("false")
    boolean staleConfigured();
}
