package dev.walmonitor.sink.teams;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.http.HttpSink;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** The Teams of the configuration. */
final class ConfiguredTeams {

    @Produces
    @Singleton
    Channel teams(TeamsConfig config, HttpSink http) {
        return new TeamsChannel(http, config, InstantSource.system());
    }
}
