package dev.walmonitor.source.postgres.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One socket, owned by its event loop; the only class that reaches below Vert.x, for three things
 * that its API does not give: buffers as they were read instead of copies, larger reads, and when
 * the event loop has read what there was.
 */
final class WireChannel {
    private static final int FIRST_READ = 64 << 10;
    private static final int LARGEST_READ = 1 << 20;

    /** So that timers and other connections of the event loop get their turn. */
    private static final int READS_A_TURN = 4;

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(2);

    private final NetSocketInternal socket;
    private Consumer<ByteBuf> reader = ByteBuf::release;
    private Runnable burstEnd = () -> {};
    private Consumer<@Nullable Throwable> closed = cause -> {};
    private @Nullable Throwable failure;

    WireChannel(NetSocket connected) {
        socket = (NetSocketInternal) connected;
        ChannelHandlerContext handler = socket.channelHandlerContext();
        handler.channel()
                .config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(1024, FIRST_READ, LARGEST_READ)
                                .maxMessagesPerRead(READS_A_TURN));
        handler.pipeline().addBefore(handler.name(), "burst", new BurstEnd());
        socket.messageHandler(this::read);
        socket.exceptionHandler(cause -> failure = cause);
        socket.closeHandler(_ -> closed.accept(failure));
    }

    /** The reader takes over each buffer and must release it. */
    void onRead(Consumer<ByteBuf> takes) {
        reader = takes;
    }

    void onBurstEnd(Runnable runs) {
        burstEnd = runs;
    }

    /** Called once when the socket is gone, with what broke it, if that is known. */
    void onClosed(Consumer<@Nullable Throwable> takes) {
        closed = takes;
    }

    Future<Void> write(Buffer message) {
        return socket.write(message);
    }

    /** Whether the socket is read at all. */
    void reading(boolean on) {
        socket.channelHandlerContext().channel().config().setAutoRead(on);
    }

    void after(Duration delay, Runnable task) {
        var _ =
                socket.channelHandlerContext()
                        .executor()
                        .schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    Future<Void> startTls() {
        return socket.upgradeToSsl();
    }

    boolean isTls() {
        return socket.isSsl();
    }

    /** The server's own certificate; null without TLS. */
    @Nullable X509Certificate serverCertificate() {
        SslHandler tls = socket.channelHandlerContext().pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own ? own : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** Closes once what was written has left, but waits only so long for a peer that is stuck. */
    void close() {
        var _ = socket.close();
        after(PATIENCE_AT_CLOSE, this::abort);
    }

    /** Closes without waiting for anything. */
    void abort() {
        var _ = socket.channelHandlerContext().close();
    }

    private void read(Object message) {
        if (message instanceof ByteBuf buffer) {
            reader.accept(buffer);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private final class BurstEnd extends ChannelInboundHandlerAdapter {
        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            burstEnd.run();
            context.fireChannelReadComplete();
        }
    }
}
