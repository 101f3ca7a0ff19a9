package dev.walmonitor.source;

import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a source and what to do about it, for a person.
 *
 * @param state the state it puts the source into
 * @param code the database's error code (SQLSTATE), or a word of ours such as {@code connection}
 * @param sentence what is wrong: one sentence, with slot, host or relation; no secret, no row value
 * @param remedy what mends it, one sentence or statement; null if nothing but waiting is needed
 * @param retry how the source goes on by itself
 */
public record SourceFailure(
        SourceState state, String code, String sentence, @Nullable String remedy, Retry retry) {

    /** How a source goes on after a failure. */
    public enum Retry {
        /** Soon, with exponential backoff: the network, a restart. */
        SOON,
        /** Once a minute: a password, a right, a setting. */
        SLOWLY,
        /** Not by itself. */
        NEVER
    }

    /** Sentence and remedy in one line. */
    public String message() {
        return remedy == null ? sentence : sentence + " " + remedy;
    }
}
