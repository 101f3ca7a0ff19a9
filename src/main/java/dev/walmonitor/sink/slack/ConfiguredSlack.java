package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Channel;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.ext.web.client.WebClient;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** The Slack of the configuration. */
final class ConfiguredSlack {

    @Produces
    @Singleton
    Channel slack(SlackConfig config, Vertx vertx) {
        WebClientOptions options =
                new WebClientOptions()
                        .setUserAgent("wal-monitor")
                        .setFollowRedirects(false)
                        .setConnectTimeout((int) config.timeout().toMillis());
        return new SlackChannel(
                WebClient.create(vertx, options),
                config.url(),
                config.timeout(),
                InstantSource.system());
    }
}
