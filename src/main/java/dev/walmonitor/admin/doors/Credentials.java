package dev.walmonitor.admin.doors;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What the header Authorization says. */
sealed interface Credentials {

    /** There is none. */
    record None() implements Credentials {}

    /** Something that is neither of the two below. */
    record Unreadable() implements Credentials {}

    /** A token, which somebody else reads out of the header. */
    record Bearer() implements Credentials {}

    /** A name and a password; its text leaves the password out. */
    record Basic(String name, String password) implements Credentials {
        @Override
        public String toString() {
            return "Basic[name=" + name + "]";
        }
    }

    /** RFC 7617 and RFC 6750. */
    static Credentials of(@Nullable String header) {
        if (header == null) {
            return new None();
        }
        if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return new Bearer();
        }
        return header.regionMatches(true, 0, "Basic ", 0, 6)
                ? basic(header.substring(6).strip())
                : new Unreadable();
    }

    private static Credentials basic(String encoded) {
        try {
            byte[] bytes = Base64.getDecoder().decode(encoded);
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            int colon = text.indexOf(':');
            return colon < 1
                    ? new Unreadable()
                    : new Basic(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return new Unreadable();
        }
    }
}
