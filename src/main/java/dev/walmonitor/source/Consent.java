package dev.walmonitor.source;

import org.jspecify.annotations.Nullable;

/** What a source answers to an operator who wants it to give something up. */
public sealed interface Consent {

    /**
     * It begins to.
     *
     * @param sentence what happens now
     */
    record Given(String sentence) implements Consent {}

    /**
     * It does not, and nothing was changed.
     *
     * @param sentence why
     * @param remedy what to do instead; null if there is nothing
     */
    record Refused(String sentence, @Nullable String remedy) implements Consent {}
}
