package dev.walmonitor.sink;

import org.jspecify.annotations.Nullable;

/**
 * Something to tell.
 *
 * @param title one line
 * @param body may have several lines; empty if the title says it all
 * @param link where more of it can be seen: an http or https URL, or null
 */
public record Message(Recipient to, String title, String body, @Nullable String link) {

    /** A message without a link. */
    public Message(Recipient to, String title, String body) {
        this(to, title, body, null);
    }
}
