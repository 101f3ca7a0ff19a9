package dev.walmonitor.tracing;

import java.util.Optional;
import java.util.regex.Pattern;

/** What may be shown of a text that a handler made. */
final class Words {
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z_-]{0,31}");

    private Words() {}

    /** The text if it is one word without a digit; anything else might hold a value of a row. */
    static Optional<String> word(String text) {
        return WORD.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }
}
