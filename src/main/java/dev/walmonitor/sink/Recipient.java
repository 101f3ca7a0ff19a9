package dev.walmonitor.sink;

import org.jspecify.annotations.Nullable;

/**
 * Somebody to tell something, by what is known of them.
 *
 * @param name for people
 * @param email an address
 * @param slack a member's id, such as {@code U024BE7LH}
 * @param teams an account
 * @param locale such as {@code de-AT}
 */
public record Recipient(
        @Nullable String name,
        @Nullable String email,
        @Nullable String slack,
        @Nullable String teams,
        @Nullable String locale) {

    /** Nobody in particular: whoever reads the channel. */
    public static final Recipient ANYBODY = new Recipient(null, null, null, null, null);

    /** The best of what is known, for people; empty if nothing is. */
    public String label() {
        for (String known : new @Nullable String[] {name, email, slack, teams}) {
            if (known != null && !known.isBlank()) {
                return known;
            }
        }
        return "";
    }
}
