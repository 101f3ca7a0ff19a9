package dev.walmonitor.handler.sql;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is common to all rules that write by SQL. */
@ConfigMapping(prefix = "wal-monitor.sql")
public interface SqlConfig {

    /** How often ledgers are rid of what cannot come again; zero for never. */
    @WithDefault("1m")
    Duration pruneInterval();

    /** How many entries of a ledger are deleted at once. */
    @WithDefault("10000")
    int pruneBatch();
}
