package dev.walmonitor.sink.mail;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The channel {@code mail}; the server and the sender are Quarkus's {@code quarkus.mailer}. */
@ConfigMapping(prefix = "wal-monitor.channels.mail")
public interface MailConfig {

    /** How long it may take to hand a message to the server. */
    @WithDefault("30s")
    Duration timeout();

    /** How many messages the server takes, such as {@code 10/s}; default: as many as there are. */
    Optional<String> rate();
}
