package dev.walmonitor.source.postgres.wire;

import org.jspecify.annotations.Nullable;

/** Who connects and with which password, for one connect; never shows the password. */
public final class Credentials {
    private final String user;
    private final char @Nullable [] password;

    private Credentials(String user, char @Nullable [] password) {
        this.user = FrontendMessage.startupText("user", user);
        this.password = password;
    }

    /** With a copy of {@code password}; an empty one counts as none. */
    public static Credentials of(String user, char[] password) {
        return new Credentials(user, password.length == 0 ? null : password.clone());
    }

    public static Credentials withoutPassword(String user) {
        return new Credentials(user, null);
    }

    public String user() {
        return user;
    }

    boolean hasPassword() {
        return password != null;
    }

    /** A copy, for the caller to wipe. */
    char @Nullable [] password() {
        return password == null ? null : password.clone();
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + ", password=" + (hasPassword() ? "***" : "none") + "]";
    }
}
