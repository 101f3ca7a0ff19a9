package dev.walmonitor.sink;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something outside did not do what it was asked to. The message is for people: one sentence that
 * names the place and what mends it; no secret, no row value.
 */
public final class SinkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final @Nullable Duration retryAfter;

    /**
     * @param retryable whether waiting can help; if not, somebody has to change something first
     */
    public SinkException(String sentence, boolean retryable) {
        super(sentence, null, false, false);
        this.retryable = retryable;
        this.retryAfter = null;
    }

    /**
     * It wants to be left alone for a while.
     *
     * @param retryAfter how long
     */
    public SinkException(String sentence, Duration retryAfter) {
        super(sentence, null, false, false);
        this.retryable = true;
        this.retryAfter = retryAfter;
    }

    public boolean isRetryable() {
        return retryable;
    }

    /** How long it wants to be left alone, if it said so. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
