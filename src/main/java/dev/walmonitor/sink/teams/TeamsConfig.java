package dev.walmonitor.sink.teams;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The channel {@code teams}. */
@ConfigMapping(prefix = "wal-monitor.channels.teams")
public interface TeamsConfig {

    /** The address of a workflow that posts what it is sent. It is a secret. */
    @WithDefault("${TEAMS_WEBHOOK_URL:}")
    Optional<String> url();

    /** How long the workflow may take to answer. */
    @WithDefault("10s")
    Duration timeout();

    /**
     * How many messages it takes, such as {@code 1/s}; default: until it says that there are too
     * many.
     */
    Optional<String> rate();
}
