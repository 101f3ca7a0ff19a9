package dev.walmonitor.admin.doors;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which pages may make a browser ask us: our own, and those that are configured. */
final class Origins {
    private final Set<String> allowed;

    Origins(List<String> allowed) {
        this.allowed = allowed.stream().map(Origins::normal).collect(Collectors.toSet());
    }

    /**
     * Whether a browser asks for a page of somebody else.
     *
     * @param origin the header Origin; null from whatever is no browser
     * @param host the header Host, as the browser wrote it
     */
    boolean isForeign(@Nullable String origin, @Nullable String host) {
        if (origin == null) {
            return false;
        }
        String page = normal(origin);
        int authority = page.indexOf("://");
        boolean own =
                authority > 0
                        && host != null
                        && page.substring(authority + 3)
                                .equals(withoutPort(page, host.toLowerCase(Locale.ROOT)));
        return !own && !allowed.contains(page);
    }

    private static String normal(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        return withoutPort(lower, lower);
    }

    /** Without the port that the scheme has anyway. */
    private static String withoutPort(String origin, String text) {
        String port = origin.startsWith("https:") ? ":443" : ":80";
        return text.endsWith(port) ? text.substring(0, text.length() - port.length()) : text;
    }
}
