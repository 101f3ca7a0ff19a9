package dev.walmonitor.sink.slack;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The channel {@code slack}. */
@ConfigMapping(prefix = "wal-monitor.channels.slack")
public interface SlackConfig {

    /** An incoming webhook's address. It is a secret: who knows it can write to the channel. */
    Optional<String> url();

    /** How long Slack may take to answer. */
    @WithDefault("10s")
    Duration timeout();
}
