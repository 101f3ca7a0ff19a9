package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.ReadGate.Reason;
import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.HandlerFailed;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.impl.ContextInternal;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to PostgreSQL (protocol 3.0), owned by the event loop of its {@link #context}.
 *
 * <p>It runs plain SQL by the simple query protocol and, unless {@link
 * WireOptions#withoutReplication}, replication commands and two-way COPYs, one at a time; what is
 * asked for meanwhile waits in order. Methods may be called from any thread and act on the
 * connection's event loop, at once if called from it. Futures fail with a {@link WireException} and
 * complete on the connection's context; a connection that failed once stays closed.
 */
public final class WireConnection {
    private final ContextInternal context;
    private final WireOptions options;
    private final Dialer.Line line;
    private final WireChannel channel;
    private final FrameCutter cutter;
    private final ReadGate gate;
    private final ReadPacer pacer;
    private final Queue<Operation> waiting = new ArrayDeque<>();
    private final ServerFacts facts = new ServerFacts();
    private final Promise<Void> closed;
    private Phase phase = new Phase.Idle();
    private long messages;
    private volatile @Nullable WireException gone;

    WireConnection(ContextInternal context, WireOptions options, Dialer.Line line) {
        this.context = context;
        this.options = options;
        this.line = line;
        this.channel = line.channel();
        this.closed = context.promise();
        this.cutter = new FrameCutter(StartupPhase.MAX_FRAME_BYTES, new Dispatch());
        this.gate = new ReadGate(channel::reading);
        this.pacer = new ReadPacer(gate, System::nanoTime, channel::after);
        channel.onRead(this::read);
        channel.onBurstEnd(pacer::burstEnd);
        channel.onClosed(this::socketGone);
    }

    /**
     * Connects, encrypts as far as asked for, authenticates, and pins the session's settings.
     *
     * <p>The connection belongs to the caller's event loop if there is one, else to a new one.
     */
    public static Future<WireConnection> connect(Vertx vertx, WireOptions options) {
        return Connector.connect(vertx, options);
    }

    /** The event loop context that owns the connection and calls all handlers. */
    public Context context() {
        return context;
    }

    /** Whether the connection has failed or was closed, so that every further request fails. */
    public boolean isClosed() {
        return gone != null;
    }

    /** The process id of the server's end: a walsender, or a plain backend. */
    public int backendPid() {
        return facts.backendPid();
    }

    /** A setting that the server reports of itself, such as {@code server_version}. */
    public @Nullable String parameter(String name) {
        return facts.parameter(name);
    }

    /** Runs a statement or a replication command and collects its rows. */
    public Future<QueryResult> query(String sql) {
        Promise<QueryResult> promise = context.promise();
        if (hasNul(sql, promise)) {
            return promise.future();
        }
        onLoop(() -> submit(new QueryPhase(sql, promise, this::free, options.maxFrameBytes())));
        return promise.future();
    }

    /**
     * Begins a two-way COPY, such as START_REPLICATION. Succeeds before the first call of {@code
     * handler}; if it fails, the handler is never called. After the COPY the connection takes
     * queries again.
     */
    public Future<Void> copyBoth(String sql, CopyHandler handler) {
        Promise<Void> started = context.promise();
        if (hasNul(sql, started)) {
            return started.future();
        }
        onLoop(() ->
                submit(
                        new CopyPhase(
                                sql, handler, started, context.promise(), this::send, this::free)));
        return started.future();
    }

    /**
     * Sends one CopyData within a COPY; works while paused. Succeeds when the bytes have left,
     * fails if there is no COPY any more.
     */
    public Future<Void> sendCopyData(Buffer payload) {
        return onLoop(() ->
                phase instanceof CopyPhase copy && copy.sendable()
                        ? channel.write(FrontendMessage.copyData(payload))
                        : context.failedFuture(noCopy()));
    }

    /**
     * Says that this side is done with the COPY. What the server still sends is delivered; the
     * future succeeds when it is ready for queries again.
     */
    public Future<Void> copyDone() {
        return onLoop(() ->
                phase instanceof CopyPhase copy ? copy.done() : context.failedFuture(noCopy()));
    }

    /**
     * Stops delivering. Called from within {@link CopyHandler#copyData} it takes effect before the
     * next message: what else was read is held. Nor is the socket read, so a keepalive is not seen,
     * and that the connection broke only by the next write; what was held is then dropped.
     */
    public void pause() {
        onLoop(() -> {
            gate.shut(Reason.NO_DEMAND);
            cutter.hold();
        });
    }

    /**
     * Goes on after {@link #pause}. What was held is delivered before this returns, except if it is
     * called from another thread or from within a delivery.
     */
    public void resume() {
        onLoop(() -> {
            guarded(cutter::release);
            if (!cutter.isHeld()) {
                gate.open(Reason.NO_DEMAND);
            }
        });
    }

    /** Says good-bye and closes; what waits fails. Succeeds when the socket is closed. */
    public Future<Void> close() {
        onLoop(() -> {
            if (gone == null) {
                send(FrontendMessage.terminate());
                end(new ConnectionLost("This side closed the connection."), true);
            }
        });
        return closed.future();
    }

    void start(StartupPhase startup, String user) {
        phase = startup;
        send(FrontendMessage.startup(user, options));
    }

    /** The session has begun. */
    void ready() {
        cutter.limit(options.maxFrameBytes());
        free();
    }

    void send(Buffer message) {
        var _ = channel.write(message).onFailure(this::fail);
    }

    /** Ends the connection because of what it did or what became of it. */
    void fail(Throwable cause) {
        end(cause instanceof WireException known ? known : lost(cause), false);
    }

    private void submit(Operation operation) {
        WireException cause = gone;
        if (cause != null) {
            operation.lost(cause, false);
            return;
        }
        waiting.add(operation);
        if (phase instanceof Phase.Idle) {
            free();
        }
    }

    /** The server waits for the next query. */
    private void free() {
        Operation next = waiting.poll();
        if (next == null) {
            phase = new Phase.Idle();
        } else {
            phase = next;
            send(next.request());
        }
    }

    private void read(ByteBuf in) {
        ReadEvent event = new ReadEvent();
        event.begin();
        int bytes = in.readableBytes();
        long before = messages;
        guarded(() -> cutter.feed(in));
        event.end();
        if (event.shouldCommit()) {
            event.bytes = bytes;
            event.messages = messages - before;
            event.commit();
        }
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (WireException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(new HandlerFailed(e));
        }
    }

    private void socketGone(@Nullable Throwable cause) {
        end(lost(cause), false);
        line.close();
        closed.tryComplete();
    }

    private WireException lost(@Nullable Throwable cause) {
        ServerError lastWords = facts.lastWords();
        if (lastWords != null) {
            return lastWords;
        }
        if (cause != null && TlsFaults.isOne(cause)) {
            return TlsFaults.of(cause, options);
        }
        return ConnectionLost.of(options.address(), cause != null, cutter.unfinished() > 0);
    }

    /**
     * @param orderly whether this side wanted it
     */
    private void end(WireException cause, boolean orderly) {
        if (gone != null) {
            return;
        }
        gone = cause;
        cutter.close();
        Phase last = phase;
        phase = new Phase.Idle();
        tell(last, cause, orderly);
        for (Operation next = waiting.poll(); next != null; next = waiting.poll()) {
            tell(next, cause, orderly);
        }
        if (orderly) {
            channel.close();
        } else {
            channel.abort();
        }
    }

    private void tell(Phase phase, WireException cause, boolean orderly) {
        try {
            phase.lost(cause, orderly);
        } catch (RuntimeException | Error e) {
            context.reportException(e);
        }
    }

    private void onLoop(Runnable work) {
        if (context.equals(Vertx.currentContext())) {
            work.run();
        } else {
            context.runOnContext(_ -> work.run());
        }
    }

    private Future<Void> onLoop(Supplier<Future<Void>> work) {
        if (context.equals(Vertx.currentContext())) {
            return work.get();
        }
        Promise<Void> promise = context.promise();
        context.runOnContext(_ -> work.get().onComplete(promise));
        return promise.future();
    }

    private static boolean hasNul(String sql, Promise<?> promise) {
        return sql.indexOf('\0') >= 0
                && promise.tryFail(
                        new IllegalArgumentException("Expected SQL without a zero character"));
    }

    private static ConnectionLost noCopy() {
        return new ConnectionLost("There is no COPY under way on this connection.");
    }

    private final class Dispatch implements FrameCutter.Frames {
        @Override
        public void frame(byte type, ByteBuf in, int offset, int length) {
            messages++;
            if (type == 'd') {
                pacer.frame();
                phase.copyData(in, offset, length);
                return;
            }
            BackendMessage message = BackendDecoder.decode(type, in, offset, length);
            facts.learn(message);
            phase.on(message);
        }

        @Override
        public void readComplete() {
            phase.readComplete();
        }
    }
}
