package dev.walmonitor.sink.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Requests to servers of a test on loopback, and those servers. */
public final class TestHttp {

    private TestHttp() {}

    /** As the service has it, with loopback allowed. */
    public static HttpSink onLoopback(Vertx vertx) {
        return new GuardedHttp(
                vertx,
                new HttpClientOptions(),
                new Targets(Optional.empty(), Optional.of(List.of("127.0.0.0/8"))),
                InetAddress::getAllByName);
    }

    /** As the service has it where nobody configured anything. */
    public static HttpSink asConfigured(Vertx vertx) {
        return new GuardedHttp(
                vertx,
                new HttpClientOptions(),
                new Targets(Optional.empty(), Optional.empty()),
                InetAddress::getAllByName);
    }

    /** A server on a port of its own. */
    public static HttpServer serve(Vertx vertx, Handler<HttpServerRequest> answer) {
        return serve(vertx, new HttpServerOptions(), answer);
    }

    static HttpServer serve(
            Vertx vertx, HttpServerOptions options, Handler<HttpServerRequest> answer) {
        return vertx.createHttpServer(options)
                .requestHandler(answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }
}
