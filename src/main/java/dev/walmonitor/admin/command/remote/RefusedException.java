package dev.walmonitor.admin.command.remote;

/** The service is not there, or does not do what it was asked for; the message says why. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
