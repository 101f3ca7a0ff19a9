package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.AuthFailure;
import dev.walmonitor.source.postgres.wire.WireException.DeadlineExceeded;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, from the credentials to ready for queries, under one deadline. Owned by
 * the event loop that the connection will belong to.
 */
final class Connector {
    private final ContextInternal context;
    private final WireOptions options;
    private final Promise<WireConnection> outcome;
    private final long begun = System.nanoTime();
    private String waitingFor = "";
    private Dialer.@Nullable Line line;
    private boolean over;

    private Connector(ContextInternal context, WireOptions options) {
        this.context = context;
        this.options = options;
        this.outcome = context.promise();
    }

    static Future<WireConnection> connect(Vertx vertx, WireOptions options) {
        Connector connector = new Connector(eventLoop((VertxInternal) vertx), options);
        connector.context.runOnContext(_ -> connector.run());
        return connector.outcome.future();
    }

    private static ContextInternal eventLoop(VertxInternal vertx) {
        ContextInternal current = ContextInternal.current();
        return current != null && current.owner().equals(vertx) && current.isEventLoopContext()
                ? current.unwrap()
                : vertx.createEventLoopContext();
    }

    private void run() {
        Vertx vertx = context.owner();
        Dialer dialer = new Dialer(vertx, options, this::left);
        long timer =
                vertx.setTimer(Math.max(1, options.connectDeadline().toMillis()), _ -> expire());
        credentials()
                .compose(credentials -> {
                    waitingFor = "the address of the host";
                    return dialer.resolve()
                            .compose(addresses -> {
                                waitingFor = "an answer at " + options.address();
                                return dialer.dial(addresses);
                            })
                            .compose(reached -> open(reached, credentials));
                })
                .onComplete(
                        connection -> {
                            var _ = vertx.cancelTimer(timer);
                            outcome.tryComplete(connection);
                        },
                        failure -> {
                            var _ = vertx.cancelTimer(timer);
                            finish();
                            outcome.tryFail(failure);
                        });
    }

    /** Wherever the answer comes from, it is taken on the event loop. */
    private Future<Credentials> credentials() {
        waitingFor = "the credentials";
        Promise<Credentials> answer = context.promise();
        Future.succeededFuture()
                .compose(_ -> options.credentials().get())
                .recover(e ->
                        Future.failedFuture(
                                new AuthFailure(
                                        "The credentials for "
                                                + options.address()
                                                + " cannot be had: "
                                                + ServerMessage.shown(
                                                        String.valueOf(e.getMessage())))))
                .onComplete(answer);
        return answer.future();
    }

    private Future<WireConnection> open(Dialer.Line reached, Credentials credentials) {
        line = reached;
        if (over) {
            finish();
            return Future.failedFuture("too late");
        }
        waitingFor = "the TLS handshake";
        return TlsNegotiation.run(reached.channel(), options)
                .compose(_ -> start(reached, credentials));
    }

    private Future<WireConnection> start(Dialer.Line reached, Credentials credentials) {
        waitingFor = "the server to start the session";
        WireChannel channel = reached.channel();
        Authenticator authenticator =
                new Authenticator(options.auth(), credentials, ChannelSecurity.of(channel));
        WireConnection connection = new WireConnection(context, options, reached);
        Promise<WireConnection> ready = Promise.promise();
        connection.start(
                new StartupPhase(context.owner(), connection, authenticator, ready),
                credentials.user());
        return ready.future();
    }

    private void expire() {
        over = true;
        outcome.tryFail(
                new DeadlineExceeded(
                        "The connection to "
                                + options.address()
                                + " was not ready within "
                                + options.connectDeadline().toMillis()
                                + " ms; it was still waiting for "
                                + waitingFor
                                + "."));
        finish();
    }

    private void finish() {
        if (line != null) {
            line.close();
        }
    }

    private Duration left() {
        return options.connectDeadline().minusNanos(System.nanoTime() - begun);
    }
}
