package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.TlsFailure;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the addresses of a host and reaches the first that answers, as libpq does; each is given
 * its share of the time that is left. Owned by one event loop.
 */
final class Dialer {

    /** An open socket, and what must be closed after it. */
    record Line(WireChannel channel, NetClient client) {
        void close() {
            channel.abort();
            var _ = client.close();
        }
    }

    private final Vertx vertx;
    private final WireOptions options;
    private final Clock clock;
    private final List<String> failures = new ArrayList<>();

    /** What is left of the connect deadline. */
    interface Clock {
        Duration left();
    }

    Dialer(Vertx vertx, WireOptions options, Clock clock) {
        this.vertx = vertx;
        this.options = options;
        this.clock = clock;
    }

    /** The addresses of the host, without blocking; each keeps the name, for TLS to verify. */
    Future<List<InetSocketAddress>> resolve() {
        Promise<List<InetSocketAddress>> found = Promise.promise();
        vertx.executeBlocking(this::lookUp, false)
                .onComplete(
                        found::complete,
                        _ ->
                                found.fail(
                                        new ConnectionLost(
                                                "The host name "
                                                        + options.host()
                                                        + " cannot be resolved.")));
        return found.future();
    }

    private List<InetSocketAddress> lookUp() throws UnknownHostException {
        Set<InetSocketAddress> all = new LinkedHashSet<>();
        for (InetAddress address : InetAddress.getAllByName(options.host())) {
            all.add(new InetSocketAddress(address, options.port()));
        }
        return List.copyOf(all);
    }

    Future<Line> dial(List<InetSocketAddress> addresses) {
        if (addresses.isEmpty()) {
            return Future.failedFuture(
                    new ConnectionLost(
                            "Nothing answers at "
                                    + options.address()
                                    + ": "
                                    + String.join("; ", failures)
                                    + "."));
        }
        InetSocketAddress address = addresses.getFirst();
        List<InetSocketAddress> others = addresses.subList(1, addresses.size());
        Duration share = clock.left().dividedBy(addresses.size());
        NetClient client = vertx.createNetClient(clientOptions(share));
        return client.connect(SocketAddress.inetSocketAddress(address))
                .map(socket -> new Line(new WireChannel(socket), client))
                .recover(e -> client.close().transform(done -> next(address, others, e, share)));
    }

    private Future<Line> next(
            InetSocketAddress failed,
            List<InetSocketAddress> others,
            Throwable cause,
            Duration share) {
        if (!(cause instanceof IOException)) {
            // The client reads the PEM files before it connects.
            return Future.failedFuture(
                    new TlsFailure(
                            "The TLS files of the connection to "
                                    + options.address()
                                    + " cannot be used: "
                                    + cause.getMessage()));
        }
        failures.add(failed.getAddress().getHostAddress() + " " + reason(cause, share));
        return dial(others);
    }

    private static String reason(Throwable cause, Duration share) {
        if (cause instanceof ConnectTimeoutException) {
            return "gave no answer within " + share.toMillis() + " ms";
        }
        String message = String.valueOf(cause.getMessage());
        return message.contains("refused") ? "refused the connection" : "cannot be reached";
    }

    private NetClientOptions clientOptions(Duration timeout) {
        TlsOptions tls = options.tls();
        NetClientOptions client =
                new NetClientOptions()
                        .setTcpNoDelay(true)
                        .setTcpKeepAlive(true)
                        .setConnectTimeout((int) Math.max(1, timeout.toMillis()));
        if (!tls.wanted()) {
            return client;
        }
        client.setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setHostnameVerificationAlgorithm(tls.verifiesHost() ? "HTTPS" : "")
                .setTrustAll(!tls.verifiesChain());
        Path roots = tls.rootCertificate();
        if (roots != null) {
            client.setTrustOptions(new PemTrustOptions().addCertPath(roots.toString()));
        }
        Path certificate = tls.certificate();
        Path key = tls.key();
        if (certificate != null && key != null) {
            client.setKeyCertOptions(
                    new PemKeyCertOptions()
                            .addCertPath(certificate.toString())
                            .addKeyPath(key.toString()));
        }
        return client;
    }
}
