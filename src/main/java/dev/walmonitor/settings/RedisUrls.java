package dev.walmonitor.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads {@code REDIS_URL}: one URL, or several with commas between them for a cluster. */
final class RedisUrls {
    private static final String EXAMPLE = "redis://:PASSWORD@HOST:6379";

    private RedisUrls() {}

    /**
     * The URLs with their schemes, as Quarkus wants them.
     *
     * @param name the setting they come from, for the fault
     * @throws BadSettings if one cannot be read; the message shows none of it
     */
    static String normalized(String name, String urls) {
        List<String> normalized = new ArrayList<>();
        for (String part : urls.split(",")) {
            normalized.add(one(name, part.strip()));
        }
        return String.join(",", normalized);
    }

    private static String one(String name, String url) {
        int end = url.indexOf("://");
        String scheme = end < 0 ? "redis" : url.substring(0, end).toLowerCase(Locale.ROOT);
        String rest = end < 0 ? url : url.substring(end + 3);
        return switch (scheme) {
            case "redis", "rediss" -> scheme + "://" + checked(name, rest);
            case "unix" -> url;
            default ->
                    throw bad(
                            name,
                            "has a scheme that is not known: write redis:// or, for TLS, rediss://");
        };
    }

    private static String checked(String name, String rest) {
        if (rest.chars().anyMatch(c -> Character.isWhitespace(c) || c == '"' || c == '\'')) {
            throw bad(name, "has white space or a quotation mark inside: write " + EXAMPLE);
        }
        String beforeQuery = rest.split("\\?", 2)[0];
        if (beforeQuery.lastIndexOf('@') > beforeQuery.indexOf('/')
                && beforeQuery.indexOf('/') >= 0) {
            throw bad(name, "has an @ after a /: in the password write / as %2F and @ as %40");
        }
        String hostAndPort = beforeQuery.split("/", 2)[0];
        hostAndPort = hostAndPort.substring(hostAndPort.lastIndexOf('@') + 1);
        int colon = hostAndPort.indexOf(':', Math.max(0, hostAndPort.indexOf(']')));
        String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
        if (host.isEmpty()) {
            throw bad(name, "names no host: write " + EXAMPLE);
        }
        if (colon >= 0 && !isPort(hostAndPort.substring(colon + 1))) {
            throw bad(name, "has a port that is not a number from 1 to 65535: write " + EXAMPLE);
        }
        return rest;
    }

    private static boolean isPort(String text) {
        boolean isNumber =
                !text.isEmpty()
                        && text.length() <= 5
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65535;
    }

    private static BadSettings bad(String name, String what) {
        return new BadSettings(List.of(name + ": The Redis URL " + what + "."));
    }
}
