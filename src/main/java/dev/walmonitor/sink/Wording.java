package dev.walmonitor.sink;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What every channel does to the words that it is given. */
public final class Wording {
    private static final int LONGEST_LINK = 2_000;
    private static final Pattern BREAKS = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+");
    private static final Pattern NOT_OF_A_LINK = Pattern.compile("[\\p{Cntrl}\\s<>|\"'`\\\\]");

    private Wording() {}

    /** The text in one line: it can begin no line, and no header, of its own. */
    public static String oneLine(String text) {
        return BREAKS.matcher(text).replaceAll(" ").strip();
    }

    /**
     * The text, or as much of it as a channel takes, with a note of what is missing.
     *
     * @param most characters, without the note
     */
    public static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "\u2026 (" + (text.length() - end) + " characters cut)";
    }

    /** The link, if it is one that may be shown: http or https, with nothing odd in it. */
    public static Optional<String> link(@Nullable String link) {
        if (link == null
                || link.length() > LONGEST_LINK
                || NOT_OF_A_LINK.matcher(link).find()
                || !link.matches("(?i)https?://.+")) {
            return Optional.empty();
        }
        try {
            return URI.create(link).getHost() == null ? Optional.empty() : Optional.of(link);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
