package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.Authenticator.Step;
import dev.walmonitor.source.postgres.wire.BackendMessage.BackendKeyData;
import dev.walmonitor.source.postgres.wire.BackendMessage.ErrorResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.NegotiateProtocolVersion;
import dev.walmonitor.source.postgres.wire.BackendMessage.ReadyForQuery;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.Callable;

/**
 * From the StartupMessage to the first ReadyForQuery (protocol chapter "Start-up"), owned by its
 * connection's event loop.
 */
final class StartupPhase implements Phase {
    /** Nothing that belongs here is longer; libpq's bound is 30,000 for the longest. */
    static final int MAX_FRAME_BYTES = 64 << 10;

    private final Vertx vertx;
    private final WireConnection connection;
    private final Authenticator authenticator;
    private final Promise<WireConnection> ready;
    private boolean deriving;

    StartupPhase(
            Vertx vertx,
            WireConnection connection,
            Authenticator authenticator,
            Promise<WireConnection> ready) {
        this.vertx = vertx;
        this.connection = connection;
        this.authenticator = authenticator;
        this.ready = ready;
    }

    @Override
    public void on(BackendMessage message) {
        switch (message) {
            case BackendMessage.Authentication request when !deriving ->
                    follow(authenticator.receive(request));
            case BackendKeyData _ when authenticator.isDone() -> {}
            // We ask for 3.0 and for no option, and no server has less than that.
            case NegotiateProtocolVersion _ -> {}
            case BackendMessage.Asynchronous _ -> {}
            case ErrorResponse error -> throw new ServerError(error.message());
            case ReadyForQuery _ when authenticator.isDone() -> ready();
            case ReadyForQuery _ -> throw unexpected(message);
            case BackendMessage.Greeting _ -> throw unexpected(message);
            case BackendMessage.Result _ -> throw unexpected(message);
            case BackendMessage.Copy _ -> throw unexpected(message);
        }
    }

    @Override
    public void lost(WireException cause, boolean orderly) {
        ready.tryFail(cause);
    }

    private void follow(Step step) {
        switch (step) {
            case Step.Send send -> connection.send(send.message());
            case Step.Derive derive -> derive(derive.work());
            case Step.Wait _ -> {}
            case Step.Done _ -> {}
        }
    }

    private void derive(Callable<Buffer> work) {
        deriving = true;
        vertx.executeBlocking(work, false)
                .onComplete(
                        proof -> {
                            deriving = false;
                            connection.send(proof);
                        },
                        connection::fail);
    }

    /** The decoding of texts relies on the encoding, so a server that ignores it is refused. */
    private void ready() {
        String encoding = connection.parameter("client_encoding");
        if (encoding != null && !encoding.equals("UTF8")) {
            throw new ProtocolViolation(
                    "The server uses the client_encoding "
                            + ServerMessage.shown(encoding)
                            + " although UTF8 was asked for.");
        }
        connection.ready();
        ready.tryComplete(connection);
    }

    private static ProtocolViolation unexpected(BackendMessage message) {
        return BackendDecoder.unexpected(message.getClass().getSimpleName(), "during start-up");
    }
}
