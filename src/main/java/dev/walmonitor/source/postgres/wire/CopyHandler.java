package dev.walmonitor.source.postgres.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the server sends in a two-way COPY. All calls come on the connection's event loop,
 * within the callback that read the bytes, and must not block. If one of them throws, the
 * connection is closed and {@link #ended} gets a {@link WireException.HandlerFailed}.
 */
public interface CopyHandler {

    /**
     * The payload of one CopyData, where it was read.
     *
     * @param frame valid during the call only; not to be released or changed
     * @param offset of the payload in {@code frame}
     * @param length of the payload in bytes, 0 or more
     */
    void copyData(ByteBuf frame, int offset, int length);

    /**
     * The payloads of one read of the socket have been delivered, or those before a {@link
     * WireConnection#pause} within it. Every payload is followed by such a call before {@link
     * #ended}, unless this handler threw.
     */
    void readComplete();

    /** A notice of the server within the COPY, such as a publication that it skips. */
    void notice(ServerMessage message);

    /**
     * The COPY is over; nothing follows. Called exactly once after {@link WireConnection#copyBoth}
     * succeeded.
     *
     * @param cause null if it ended in good order: the server said CopyDone (first, or as answer to
     *     ours), or this side closed the connection. {@link WireException.ServerError} for an
     *     ErrorResponse, {@link WireException.ConnectionLost} for a socket that went away, {@link
     *     WireException.ProtocolViolation} for bytes that make no sense, {@link
     *     WireException.HandlerFailed} if this handler threw
     */
    void ended(@Nullable WireException cause);
}
