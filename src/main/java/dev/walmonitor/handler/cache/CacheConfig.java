package dev.walmonitor.handler.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is common to all caches. */
@ConfigMapping(prefix = "wal-monitor.cache")
public interface CacheConfig {

    /** How often it is looked whether Redis has kept its data. */
    @WithDefault("5s")
    Duration checkInterval();

    /** What is looked at for drift. */
    AuditConfig audit();

    /** The drift audit. */
    interface AuditConfig {

        /** How often some keys of each rule are held against the database; zero for never. */
        @WithDefault("30s")
        Duration interval();

        /** How many keys of a rule each time. */
        @WithDefault("20")
        int keys();
    }
}
