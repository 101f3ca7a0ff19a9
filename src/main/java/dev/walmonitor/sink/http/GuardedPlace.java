package dev.walmonitor.sink.http;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One place to send requests to. Thread-safe.
 *
 * <p>The address is looked up for each request, checked, and given to the client as it is; the name
 * stays in the {@code Host} header, and TLS verifies it. A connection that is open to that address
 * is used again.
 */
final class GuardedPlace implements HttpSink.Place {
    private final Vertx vertx;
    private final HttpClient client;
    private final Duration timeout;
    private final Targets targets;
    private final Function<String, Uni<InetAddress[]>> resolver;
    private final String host;
    private final int port;
    private final boolean tls;
    private final String path;

    /** Connections that could not be made: the next one is tried to the next address. */
    private final AtomicInteger unreached = new AtomicInteger();

    GuardedPlace(
            Vertx vertx,
            HttpClient client,
            URI url,
            Duration timeout,
            Targets targets,
            Function<String, Uni<InetAddress[]>> resolver) {
        this.vertx = vertx;
        this.client = client;
        this.timeout = timeout;
        this.targets = targets;
        this.resolver = resolver;
        this.host = url.getHost().toLowerCase(Locale.ROOT);
        this.tls = url.getScheme().equalsIgnoreCase("https");
        this.port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        this.path = (url.getRawPath().isEmpty() ? "/" : url.getRawPath()) + query;
    }

    @Override
    public String name() {
        return host + ":" + port;
    }

    @Override
    public Uni<HttpSink.Answer> post(Map<String, String> headers, String body) {
        return resolver.apply(host)
                .ifNoItem()
                .after(timeout)
                .fail()
                .map(this::choose)
                .chain(address ->
                        Uni.createFrom()
                                .completionStage(
                                        () -> exchange(address, headers, body).toCompletionStage()))
                .onFailure()
                .transform(failure -> HttpFailure.of(failure, name(), timeout));
    }

    private InetAddress choose(InetAddress[] found) {
        Choice choice = Choice.of(host, found, targets);
        if (choice.allowed().isEmpty()) {
            throw new SinkException(
                    name() + " cannot be used: " + choice.refusal().orElse("it has no address"),
                    false);
        }
        return choice.allowed().get(Math.floorMod(unreached.get(), choice.allowed().size()));
    }

    /** Each step is made where the request was: a future calls back there, and a stage anywhere. */
    private Future<HttpSink.Answer> exchange(
            InetAddress address, Map<String, String> headers, String body) {
        return client.request(options(address, headers))
                .onFailure(failure -> unreached.incrementAndGet())
                .compose(
                        request -> new Exchange(vertx, request, timeout).send(Buffer.buffer(body)));
    }

    private RequestOptions options(InetAddress address, Map<String, String> headers) {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setServer(
                                SocketAddress.inetSocketAddress(
                                        new InetSocketAddress(address, port)))
                        .setHost(unbracketed(host))
                        .setPort(port)
                        .setSsl(tls)
                        .setURI(path)
                        .setFollowRedirects(false)
                        .putHeader("user-agent", "wal-monitor");
        headers.forEach(options::putHeader);
        return options;
    }

    /** An address of IPv6 has brackets in a URL, and nowhere else. */
    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
