package dev.walmonitor.handler.archive;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is common to all rules that archive. */
@ConfigMapping(prefix = "wal-monitor.archive")
public interface ArchiveConfig {

    /** How long changes are kept that rules say nothing else of. */
    @WithDefault("30d")
    Duration retention();

    /** How often partitions are made ahead, and old ones dropped. */
    @WithDefault("10m")
    Duration interval();

    /** For how many days partitions are made ahead. */
    @WithDefault("3")
    int ahead();

    /** How many changes are written together at most. */
    @WithDefault("500")
    int batch();
}
