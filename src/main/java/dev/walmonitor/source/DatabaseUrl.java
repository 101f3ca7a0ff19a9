package dev.walmonitor.source;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and as whom to connect. All parts are decoded; printing it shows everything
 * but secrets.
 *
 * @param host a name or address; an IPv6 address without its brackets
 * @param database the user's name if the URL names none, as PostgreSQL's own clients do
 * @param password null if the URL holds none
 * @param parameters what followed the question mark, without {@code user} and {@code password}
 */
public record DatabaseUrl(
        Kind kind,
        String host,
        int port,
        String database,
        String user,
        @Nullable Secret password,
        Map<String, String> parameters) {

    /** Which database speaks there. */
    public enum Kind {
        POSTGRESQL(5432),
        MYSQL(3306);

        private final int defaultPort;

        Kind(int defaultPort) {
            this.defaultPort = defaultPort;
        }

        /** The port of a URL that names none. */
        public int defaultPort() {
            return defaultPort;
        }
    }

    /** How far TLS goes, in libpq's words and order. */
    public enum SslMode {
        DISABLE,
        ALLOW,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL;

        /** The word in a URL, such as {@code verify-full}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public DatabaseUrl {
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /**
     * Reads a URL such as {@code postgresql://app:secret@db:5432/app?sslmode=verify-full}. Schemes
     * are {@code postgres}, {@code postgresql}, {@code postgresql+driver}, {@code jdbc:postgresql},
     * or none at all.
     *
     * @throws MalformedUrl with every fault that was found
     */
    public static DatabaseUrl parse(String url) {
        return new DatabaseUrlParser(url).parse();
    }

    /**
     * The parameter {@code sslmode}; {@link SslMode#PREFER} if it is not given, as libpq has it.
     */
    public SslMode sslMode() {
        String word = parameters.getOrDefault("sslmode", SslMode.PREFER.word());
        for (SslMode mode : SslMode.values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        throw new IllegalStateException("Expected an sslmode of libpq, got " + word);
    }

    /** The host as it stands in a URL: an IPv6 address in brackets. */
    public String hostInUrl() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(kind.name().toLowerCase(Locale.ROOT))
                        .append("://")
                        .append(user)
                        .append(password == null ? "" : ":***")
                        .append('@')
                        .append(hostInUrl())
                        .append(':')
                        .append(port)
                        .append('/')
                        .append(database);
        char separator = '?';
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            text.append(separator).append(parameter.getKey()).append('=');
            text.append(isSecret(parameter.getKey()) ? "***" : parameter.getValue());
            separator = '&';
        }
        return text.toString();
    }

    private static boolean isSecret(String parameter) {
        return parameter.toLowerCase(Locale.ROOT).contains("password");
    }
}
