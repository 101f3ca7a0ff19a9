package dev.walmonitor.sink.slack;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The channel {@code slack}: a webhook, a bot's token, or both. */
@ConfigMapping(prefix = "wal-monitor.channels.slack")
public interface SlackConfig {

    /** An incoming webhook's address. It is a secret: who knows it can write to the channel. */
    @WithDefault("${SLACK_WEBHOOK_URL:}")
    Optional<String> url();

    /** A bot's token with the right {@code chat:write}, for messages to a person's own account. */
    @WithDefault("${SLACK_BOT_TOKEN:}")
    Optional<String> token();

    /** Where Slack's methods are. */
    @WithDefault("https://slack.com/api/")
    String api();

    /** How long Slack may take to answer. */
    @WithDefault("10s")
    Duration timeout();

    /**
     * How many messages it takes, such as {@code 1/s}; default: until it says that there are too
     * many.
     */
    Optional<String> rate();
}
