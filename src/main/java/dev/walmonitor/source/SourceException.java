package dev.walmonitor.source;

/** A source cannot go on. Its message is for people: sentence and remedy, no secret. */
public final class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient SourceFailure failure;

    public SourceException(SourceFailure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    public SourceFailure failure() {
        return failure;
    }
}
