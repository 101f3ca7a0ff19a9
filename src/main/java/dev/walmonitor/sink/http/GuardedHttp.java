package dev.walmonitor.sink.http;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Requests to what {@link Targets} allows. Thread-safe. */
final class GuardedHttp implements HttpSink {
    /** As many requests to one place are on their way at most; others wait for a connection. */
    private static final int MOST_CONNECTIONS = 16;

    /** Less than most servers keep a connection that is not used. */
    private static final int KEEP_ALIVE_SECONDS = 10;

    private static final int LOOKUPS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final HttpClientOptions options;
    private final Targets targets;
    private final Resolver resolver;

    /** Its own, so that a name server that is slow holds up nobody else. */
    private final WorkerExecutor lookups;

    /**
     * @param options of each client; whom it trusts, say
     */
    GuardedHttp(Vertx vertx, HttpClientOptions options, Targets targets, Resolver resolver) {
        this.vertx = vertx;
        this.options = options;
        this.targets = targets;
        this.resolver = resolver;
        this.lookups = vertx.createSharedWorkerExecutor("wal-monitor-lookups", LOOKUPS);
    }

    @Override
    public Uni<Optional<String>> refusal(URI url) {
        Optional<String> written = targets.refusal(url);
        if (written.isPresent()) {
            return Uni.createFrom().item(written);
        }
        String host = url.getHost();
        return lookUp(host)
                .map(addresses -> Choice.of(host, addresses, targets).refusal())
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .onFailure()
                .recoverWithItem(Optional.empty());
    }

    private Uni<InetAddress[]> lookUp(String host) {
        return written(host)
                .map(address -> Uni.createFrom().item(new InetAddress[] {address}))
                .orElseGet(() -> ask(host));
    }

    /** The address that the host is written as; empty if it is a name, or written unusually. */
    private static Optional<InetAddress> written(String host) {
        char first = host.charAt(0);
        if (first != '[' && !Character.isDigit(first)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Uni<InetAddress[]> ask(String host) {
        return Uni.createFrom()
                .completionStage(() ->
                        lookups.executeBlocking(() -> resolver.addresses(host), false)
                                .toCompletionStage());
    }

    @Override
    public Place place(URI url, Duration timeout) {
        int millis = (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
        HttpClientOptions own =
                new HttpClientOptions(options)
                        .setVerifyHost(true)
                        .setConnectTimeout(millis)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMetricsName("webhook");
        own.setSslHandshakeTimeout(timeout.toSeconds() + 1);
        return new GuardedPlace(
                vertx,
                vertx.createHttpClient(own, new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS)),
                url,
                timeout,
                targets,
                this::lookUp);
    }
}
