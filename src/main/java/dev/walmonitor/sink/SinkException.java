package dev.walmonitor.sink;

/**
 * Something outside did not do what it was asked to. The message is for people: one sentence that
 * names the place and what mends it; no secret, no row value.
 */
public final class SinkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /**
     * @param retryable whether waiting can help; if not, somebody has to change something first
     */
    public SinkException(String sentence, boolean retryable) {
        super(sentence, null, false, false);
        this.retryable = retryable;
    }

    public boolean isRetryable() {
        return retryable;
    }
}
