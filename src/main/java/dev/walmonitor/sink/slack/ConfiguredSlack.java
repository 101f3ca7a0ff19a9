package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.http.HttpSink;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** The Slack of the configuration. */
final class ConfiguredSlack {

    @Produces
    @Singleton
    Channel slack(SlackConfig config, HttpSink http) {
        return new SlackChannel(http, config, InstantSource.system());
    }
}
