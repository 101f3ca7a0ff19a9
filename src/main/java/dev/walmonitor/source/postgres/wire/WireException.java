package dev.walmonitor.source.postgres.wire;

import org.jspecify.annotations.Nullable;

/**
 * Why a connection could not be made, or ended, or why a query failed. The message is one or two
 * sentences for people, with no secret and no row value. These are expected conditions, so they
 * carry no stack trace.
 */
public abstract sealed class WireException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private WireException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause, false, false);
    }

    /** The server said so, by an ErrorResponse. */
    public static final class ServerError extends WireException {
        private static final long serialVersionUID = 1L;
        private final transient ServerMessage serverMessage;

        public ServerError(ServerMessage serverMessage) {
            super(FirstRunAdvice.sentence(serverMessage), null);
            this.serverMessage = serverMessage;
        }

        public ServerMessage serverMessage() {
            return serverMessage;
        }

        public String sqlState() {
            return serverMessage.sqlState();
        }
    }

    /** The network or the other process is gone, or was never reached. */
    public static final class ConnectionLost extends WireException {
        private static final long serialVersionUID = 1L;

        public ConnectionLost(String sentence) {
            super(sentence, null);
        }

        /** The socket is gone, by an error if {@code broken}, else because the server closed it. */
        static ConnectionLost of(String address, boolean broken, boolean withinMessage) {
            String what =
                    broken
                            ? "The connection to the server at " + address + " broke"
                            : "The server at " + address + " closed the connection";
            return new ConnectionLost(
                    what + (withinMessage ? " in the middle of a message." : "."));
        }
    }

    /** What came is not the protocol, or goes over a bound of ours. */
    public static final class ProtocolViolation extends WireException {
        private static final long serialVersionUID = 1L;

        public ProtocolViolation(String sentence) {
            super(sentence, null);
        }
    }

    /** TLS is required and cannot be had, or the server is not who it should be. */
    public static final class TlsFailure extends WireException {
        private static final long serialVersionUID = 1L;

        public TlsFailure(String sentence) {
            super(sentence, null);
        }
    }

    /**
     * We refuse the way in which the server wants to authenticate, or it failed to prove itself. A
     * wrong password is not this but a {@link ServerError} with SQLSTATE 28P01.
     */
    public static final class AuthFailure extends WireException {
        private static final long serialVersionUID = 1L;

        public AuthFailure(String sentence) {
            super(sentence, null);
        }
    }

    /** The connect deadline passed. */
    public static final class DeadlineExceeded extends WireException {
        private static final long serialVersionUID = 1L;

        public DeadlineExceeded(String sentence) {
            super(sentence, null);
        }
    }

    /** The {@link CopyHandler} threw; its exception is the cause. */
    public static final class HandlerFailed extends WireException {
        private static final long serialVersionUID = 1L;

        public HandlerFailed(Throwable cause) {
            super("The reader of the COPY failed: " + cause, cause);
        }
    }
}
