package dev.walmonitor.sink.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;

/** Requests as the configuration allows them. */
final class ConfiguredHttp {

    @Produces
    @Singleton
    HttpSink http(HttpConfig config, Vertx vertx) {
        return new GuardedHttp(
                vertx,
                new HttpClientOptions(),
                new Targets(config.allowedHosts(), config.allowedNetworks()),
                InetAddress::getAllByName);
    }
}
