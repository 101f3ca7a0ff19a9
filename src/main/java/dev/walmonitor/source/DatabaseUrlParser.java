package dev.walmonitor.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one URL and collects its faults. No fault shows a part of the URL before its last
 * {@code @}, or one that could be a piece of a password that was not encoded.
 */
final class DatabaseUrlParser {
    private static final String EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE";

    private final String url;
    private final List<String> faults = new ArrayList<>();

    DatabaseUrlParser(String url) {
        this.url = url.strip();
    }

    DatabaseUrl parse() {
        if (url.isEmpty()) {
            throw fault("The database URL is empty: set it to " + EXAMPLE + ".");
        }
        if (isQuoted()) {
            throw fault("The database URL is in quotation marks: remove them.");
        }
        if (url.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw fault("The database URL has white space inside: write it as %20.");
        }
        int authorityStart = url.indexOf("://");
        DatabaseUrl.Kind kind = kind(authorityStart < 0 ? null : url.substring(0, authorityStart));
        String rest = authorityStart >= 0 ? url.substring(authorityStart + 3) : withoutSlashes(url);
        return parts(kind, rest);
    }

    private DatabaseUrl parts(DatabaseUrl.Kind kind, String rest) {
        int question = rest.indexOf('?');
        String beforeQuery = question < 0 ? rest : rest.substring(0, question);
        String query = question < 0 ? "" : rest.substring(question + 1);
        int slash = beforeQuery.indexOf('/');
        String authority = slash < 0 ? beforeQuery : beforeQuery.substring(0, slash);
        String path = slash < 0 ? "" : beforeQuery.substring(slash + 1);
        int equals = query.indexOf('=');
        if (path.indexOf('@') >= 0
                || query.substring(0, equals < 0 ? query.length() : equals).indexOf('@') >= 0) {
            throw fault(
                    "The database URL has an @ after a / or ?: in user and password write / as %2F, ? as %3F, @ as %40.");
        }
        Map<String, String> parameters = parameters(query);
        int at = authority.lastIndexOf('@');
        String userInfo = at < 0 ? "" : authority.substring(0, at);
        String hostAndPort = authority.substring(at + 1);
        int colon = userInfo.indexOf(':');
        String givenUser = decoded("user", colon < 0 ? userInfo : userInfo.substring(0, colon));
        String user = givenUser.isEmpty() ? parameters.getOrDefault("user", "") : givenUser;
        Secret password =
                colon < 0
                        ? secret(parameters.get("password"))
                        : new Secret(decoded("password", userInfo.substring(colon + 1)));
        parameters.keySet().removeAll(List.of("user", "password"));
        if (user.isEmpty()) {
            faults.add("The database URL names no user: write " + EXAMPLE + ".");
        }
        String host = host(hostAndPort);
        int port = port(hostAndPort, kind);
        String database = decoded("database", path);
        checkSslMode(parameters);
        if (!faults.isEmpty()) {
            throw new MalformedUrl(faults);
        }
        return new DatabaseUrl(
                kind, host, port, database.isEmpty() ? user : database, user, password, parameters);
    }

    private DatabaseUrl.Kind kind(@Nullable String scheme) {
        if (scheme == null) {
            return DatabaseUrl.Kind.POSTGRESQL;
        }
        String name = scheme.toLowerCase(Locale.ROOT);
        int plus = name.indexOf('+');
        return switch (plus < 0 ? name : name.substring(0, plus)) {
            case "postgres", "postgresql", "jdbc:postgresql" -> DatabaseUrl.Kind.POSTGRESQL;
            case "mysql", "mariadb", "jdbc:mysql", "jdbc:mariadb" ->
                    throw fault(
                            "The database URL names a MySQL or MariaDB database, and only PostgreSQL can be watched yet: write "
                                    + EXAMPLE
                                    + ".");
            default ->
                    throw fault(
                            "The database URL has a scheme that is not known: write postgresql://, postgres:// or"
                                    + " jdbc:postgresql://.");
        };
    }

    private String host(String hostAndPort) {
        if (hostAndPort.indexOf(',') >= 0) {
            faults.add(
                    "The database URL names several hosts: name one, the primary or an address that follows it.");
            return "";
        }
        if (hostAndPort.startsWith("[")) {
            int end = hostAndPort.indexOf(']');
            if (end > 0) {
                return hostAndPort.substring(1, end);
            }
            faults.add(
                    "The database URL opens a [ for an IPv6 address and does not close it: write [::1]:5432.");
            return "";
        }
        int colon = hostAndPort.indexOf(':');
        if (colon >= 0 && hostAndPort.indexOf(':', colon + 1) >= 0) {
            faults.add(
                    "The database URL has two colons in its host and port: write an IPv6 address in brackets, as [::1]:5432.");
            return "";
        }
        String host = decoded("host", colon < 0 ? hostAndPort : hostAndPort.substring(0, colon));
        if (host.isEmpty()) {
            faults.add("The database URL names no host: write " + EXAMPLE + ".");
        }
        if (host.startsWith("/")) {
            faults.add("The database URL names a Unix socket: name a host, as " + EXAMPLE + ".");
        }
        return host;
    }

    private int port(String hostAndPort, DatabaseUrl.Kind kind) {
        int colon = hostAndPort.indexOf(':', Math.max(0, hostAndPort.indexOf(']')));
        String text = colon < 0 ? "" : hostAndPort.substring(colon + 1);
        if (text.isEmpty() || hostAndPort.indexOf(',') >= 0 || text.indexOf(':') >= 0) {
            return kind.defaultPort();
        }
        boolean isNumber = text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = isNumber ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            faults.add(
                    "The database URL's port is not a number from 1 to 65535: write "
                            + EXAMPLE
                            + "; in user and password write / as %2F, : as %3A, @ as %40.");
        }
        return port;
    }

    private Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decoded("parameters", equals < 0 ? pair : pair.substring(0, equals));
            if (equals <= 0) {
                faults.add(
                        "The database URL has a parameter without a value after its ?: write NAME=VALUE.");
            } else {
                parameters.put(name, decoded("parameters", pair.substring(equals + 1)));
            }
        }
        if ("true".equals(parameters.remove("ssl"))) {
            parameters.putIfAbsent("sslmode", DatabaseUrl.SslMode.REQUIRE.word());
        }
        return parameters;
    }

    private void checkSslMode(Map<String, String> parameters) {
        String given = parameters.get("sslmode");
        List<String> words =
                Arrays.stream(DatabaseUrl.SslMode.values()).map(DatabaseUrl.SslMode::word).toList();
        if (given != null && !words.contains(given)) {
            faults.add(
                    "The database URL's sslmode is not known: write "
                            + words.stream().collect(Collectors.joining(", "))
                            + ".");
        }
    }

    private String decoded(String part, String text) {
        String decoded = PercentEncoding.decode(text);
        if (decoded == null) {
            faults.add(
                    "The database URL's "
                            + part
                            + (part.endsWith("s") ? " have" : " has")
                            + " a % that does not begin an encoded character: write % as %25.");
            return "";
        }
        if (decoded.indexOf('\0') >= 0) {
            faults.add(
                    "The database URL's "
                            + part
                            + (part.endsWith("s") ? " have" : " has")
                            + " a zero byte (%00), which no database takes: remove it.");
        }
        return decoded;
    }

    private boolean isQuoted() {
        char first = url.charAt(0);
        return (first == '"' || first == '\'') && url.charAt(url.length() - 1) == first;
    }

    private static String withoutSlashes(String url) {
        return url.startsWith("//") ? url.substring(2) : url;
    }

    private static @Nullable Secret secret(@Nullable String text) {
        return text == null ? null : new Secret(text);
    }

    private static MalformedUrl fault(String sentence) {
        return new MalformedUrl(List.of(sentence));
    }
}
