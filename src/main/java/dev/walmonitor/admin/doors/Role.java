package dev.walmonitor.admin.doors;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What somebody may do, from less to more. */
public enum Role {
    /** Is somebody, and may do nothing. */
    NONE,
    /** May look at everything, and wait at a barrier. */
    VIEWER,
    /** May change things too. */
    OPERATOR;

    /** As it is written in files and tokens. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether who has this role may do what needs the other. */
    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** The role of that text; empty if it is none that somebody can be given. */
    static Optional<Role> of(String text) {
        return Stream.of(VIEWER, OPERATOR).filter(role -> role.text().equals(text)).findFirst();
    }

    /** The highest of the roles that are ours. */
    static Role highest(Collection<String> texts) {
        return texts.stream().flatMap(text -> of(text).stream()).max(Role::compareTo).orElse(NONE);
    }

    /** What a method of HTTP needs: whoever asks looks, whoever does anything else changes. */
    static Role neededFor(String method) {
        return method.equals("GET") || method.equals("HEAD") ? VIEWER : OPERATOR;
    }
}
