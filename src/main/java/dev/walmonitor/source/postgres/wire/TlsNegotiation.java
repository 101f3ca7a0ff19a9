package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.TlsFailure;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * SSLRequest and its one-byte answer, before anything else is said (protocol chapter "SSL Session
 * Encryption"). Owned by one connection's event loop.
 *
 * <p>Nothing that comes in plaintext is believed beyond that byte: more bytes than it are an attack
 * (CVE-2021-23222), and the text of an error is not shown, as anybody can have sent it
 * (CVE-2024-10977).
 */
final class TlsNegotiation {
    private final WireChannel channel;
    private final WireOptions options;
    private final Promise<Void> done = Promise.promise();
    private boolean answered;

    private TlsNegotiation(WireChannel channel, WireOptions options) {
        this.channel = channel;
        this.options = options;
    }

    /** Succeeds when the channel is as secure as the options want it. */
    static Future<Void> run(WireChannel channel, WireOptions options) {
        if (!options.tls().wanted()) {
            return Future.succeededFuture();
        }
        TlsNegotiation negotiation = new TlsNegotiation(channel, options);
        channel.onRead(negotiation::read);
        channel.onClosed(negotiation::closed);
        var _ = channel.write(FrontendMessage.sslRequest()).onFailure(negotiation::closed);
        return negotiation.done.future();
    }

    private void read(ByteBuf in) {
        try {
            if (!in.isReadable()) {
                return;
            }
            if (answered || (in.getByte(in.readerIndex()) == 'S' && in.readableBytes() > 1)) {
                fail(
                        "Bytes that are not encrypted came from "
                                + options.address()
                                + " after its agreement to TLS: possible man in the middle. The"
                                + " connection was given up.");
                return;
            }
            answered = true;
            answer(in.readByte(), in.isReadable());
        } finally {
            in.release();
        }
    }

    private void answer(byte answer, boolean more) {
        switch (answer) {
            case 'S' -> startTls();
            case 'N' -> {
                if (more) {
                    fail(
                            "More than one byte came from "
                                    + options.address()
                                    + " with its refusal of TLS: possible man in the middle. The"
                                    + " connection was given up.");
                } else if (options.tls().mayFallBack()) {
                    options.whenPlaintext().run();
                    done.tryComplete();
                } else {
                    fail(
                            "The server at "
                                    + options.address()
                                    + " has no TLS, but sslmode="
                                    + options.tls().mode().word()
                                    + " requires it. Set ssl=on at the server.");
                }
            }
            case 'E' ->
                    fail(
                            "The server at "
                                    + options.address()
                                    + " answered the request for TLS with an error, whose text is"
                                    + " not shown because it came unencrypted. The server's log has"
                                    + " it.");
            default ->
                    done.tryFail(
                            new ProtocolViolation(
                                    "The answer of %s to the request for TLS is the byte 0x%02X; a PostgreSQL server says S or N. Is another service there?"
                                            .formatted(options.address(), answer)));
        }
    }

    private void startTls() {
        var _ = channel.startTls().onSuccess(done::tryComplete).onFailure(this::closed);
    }

    private void closed(@Nullable Throwable cause) {
        if (answered && cause != null && !(cause instanceof ClosedChannelException)) {
            done.tryFail(TlsFaults.of(cause, options));
        } else {
            done.tryFail(
                    new ConnectionLost(
                            options.address()
                                    + " closed the connection during the TLS handshake."));
        }
    }

    private void fail(String sentence) {
        done.tryFail(new TlsFailure(sentence));
    }
}
