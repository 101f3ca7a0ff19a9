package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.BackendMessage.CommandComplete;
import dev.walmonitor.source.postgres.wire.BackendMessage.CopyBothResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.CopyDone;
import dev.walmonitor.source.postgres.wire.BackendMessage.ErrorResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.NoticeResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ParameterStatus;
import dev.walmonitor.source.postgres.wire.BackendMessage.ReadyForQuery;
import dev.walmonitor.source.postgres.wire.WireException.HandlerFailed;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A two-way COPY from its command to the next ReadyForQuery, owned by its connection's event loop.
 *
 * <pre>
 * asked ──CopyBothResponse──▶ streaming ──CopyDone, ErrorResponse, CommandComplete──▶ over ──ReadyForQuery──▶
 *   └──ErrorResponse──▶ over
 * </pre>
 *
 * <p>A server that shuts down says CommandComplete without CopyDone and leaves.
 */
final class CopyPhase implements Operation {
    private enum State {
        ASKED,
        STREAMING,
        OVER
    }

    private final String sql;
    private final CopyHandler handler;
    private final Promise<Void> started;
    private final Promise<Void> finished;
    private final Consumer<Buffer> send;
    private final Runnable free;
    private State state = State.ASKED;
    private boolean doneSent;

    /** Payloads were delivered that no readComplete has closed yet. */
    private boolean open;

    private @Nullable ServerError refusal;

    /**
     * @param free runs when the connection is free again
     */
    CopyPhase(
            String sql,
            CopyHandler handler,
            Promise<Void> started,
            Promise<Void> finished,
            Consumer<Buffer> send,
            Runnable free) {
        this.sql = sql;
        this.handler = handler;
        this.started = started;
        this.finished = finished;
        this.send = send;
        this.free = free;
    }

    @Override
    public Buffer request() {
        return FrontendMessage.query(sql);
    }

    /** Whether we may send CopyData. */
    boolean sendable() {
        return state == State.STREAMING && !doneSent;
    }

    /** Says that we are done; succeeds when the server has said so too. */
    Future<Void> done() {
        if (sendable()) {
            sayDone();
        }
        return finished.future();
    }

    @Override
    public void on(BackendMessage message) {
        switch (message) {
            case CopyBothResponse _ when state == State.ASKED -> {
                state = State.STREAMING;
                started.tryComplete();
            }
            case CopyDone _ when state == State.STREAMING -> {
                if (!doneSent) {
                    sayDone();
                }
                end(null);
            }
            case CommandComplete _ when state != State.ASKED -> end(null);
            // After CopyDone a server may say on which timeline it goes on.
            case BackendMessage.Result _ when state == State.OVER -> {}
            case ErrorResponse error -> failed(new ServerError(error.message()));
            case ReadyForQuery _ when state == State.OVER -> finish();
            case NoticeResponse notice -> {
                if (state == State.STREAMING) {
                    guarded(() -> handler.notice(notice.message()));
                }
            }
            case ParameterStatus _ -> {}
            case ReadyForQuery _ -> throw unexpected(message);
            case BackendMessage.Result _ -> throw unexpected(message);
            case BackendMessage.Copy _ -> throw unexpected(message);
            case BackendMessage.Greeting _ -> throw unexpected(message);
        }
    }

    @Override
    public void copyData(ByteBuf frame, int offset, int length) {
        switch (state) {
            case STREAMING -> deliver(frame, offset, length);
            // A walsender that answers our CopyDone may add a keepalive; libpq drops it too.
            case OVER -> {}
            case ASKED -> throw BackendDecoder.unexpected("CopyData", "before a COPY");
        }
    }

    private void deliver(ByteBuf frame, int offset, int length) {
        open = true;
        try {
            handler.copyData(frame, offset, length);
        } catch (RuntimeException | Error e) {
            throw new HandlerFailed(e);
        }
    }

    @Override
    public void readComplete() {
        if (open) {
            open = false;
            guarded(handler::readComplete);
        }
    }

    @Override
    public void lost(WireException cause, boolean orderly) {
        WireException told = refusal != null ? refusal : cause;
        boolean streaming = state == State.STREAMING;
        state = State.OVER;
        started.tryFail(told);
        finished.tryFail(told);
        if (streaming) {
            handler.ended(readCompleted(orderly ? null : cause));
        }
    }

    private @Nullable WireException readCompleted(@Nullable WireException cause) {
        if (cause instanceof HandlerFailed) {
            return cause;
        }
        try {
            readComplete();
            return cause;
        } catch (HandlerFailed e) {
            return e;
        }
    }

    private void failed(ServerError error) {
        if (state == State.ASKED) {
            refusal = error;
            state = State.OVER;
        } else {
            end(error);
        }
    }

    private void end(@Nullable WireException cause) {
        if (state == State.STREAMING) {
            readComplete();
        }
        if (state == State.STREAMING) { // still, for the handler may have closed the connection
            state = State.OVER;
            guarded(() -> handler.ended(cause));
        }
    }

    private void finish() {
        free.run();
        if (refusal != null) {
            started.tryFail(refusal);
            finished.tryFail(refusal);
        } else {
            finished.tryComplete();
        }
    }

    private void sayDone() {
        doneSent = true;
        send.accept(FrontendMessage.copyDone());
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            throw new HandlerFailed(e);
        }
    }

    private static WireException unexpected(BackendMessage message) {
        return BackendDecoder.unexpected(
                message.getClass().getSimpleName(), "in or around a two-way COPY");
    }
}
