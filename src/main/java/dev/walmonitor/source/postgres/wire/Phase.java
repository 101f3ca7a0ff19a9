package dev.walmonitor.source.postgres.wire;

import io.netty.buffer.ByteBuf;

/**
 * What a connection is doing; it decides which messages make sense. Owned by the connection's event
 * loop. Anything thrown closes the connection.
 */
sealed interface Phase permits StartupPhase, Phase.Idle, Operation {

    /** A message other than CopyData; of the asynchronous ones only notices come here. */
    void on(BackendMessage message);

    default void copyData(ByteBuf frame, int offset, int length) {
        throw BackendDecoder.unexpected("CopyData", "outside of a COPY");
    }

    default void readComplete() {}

    /**
     * The connection is gone; called once, and nothing after it.
     *
     * @param orderly this side closed it
     */
    void lost(WireException cause, boolean orderly);

    /** Nothing is going on. */
    record Idle() implements Phase {
        @Override
        public void on(BackendMessage message) {
            boolean harmless =
                    message instanceof BackendMessage.Asynchronous
                            // What a FATAL says is kept by the connection, which is about to close.
                            || (message instanceof BackendMessage.ErrorResponse e
                                    && e.message().isFatal());
            if (!harmless) {
                throw BackendDecoder.unexpected(
                        message.getClass().getSimpleName(), "while nothing is going on");
            }
        }

        @Override
        public void lost(WireException cause, boolean orderly) {}
    }
}
