package dev.walmonitor.source.postgres.wire;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Where to connect, as whom, and within which bounds.
 *
 * @param host a name, an IPv4 address, or an IPv6 address with or without brackets; of a name all
 *     addresses are tried
 * @param credentials asked anew at every connect, on the connection's event loop, so that rotated
 *     passwords and short-lived tokens work; must not block
 * @param connectDeadline the one deadline from asking for the credentials to ready for queries
 * @param maxFrameBytes the longest message that the server may send
 * @param settings run-time settings of the session beside the pinned ones, such as {@code
 *     wal_sender_timeout}
 * @param replication whether the session may run replication commands, which needs the right to and
 *     occupies one of the server's {@code max_wal_senders}; plain SQL it runs either way
 * @param whenPlaintext called on the connection's event loop each time TLS was wanted and the
 *     server had none, so that the connection goes on in plaintext
 */
public record WireOptions(
        String host,
        int port,
        String database,
        Supplier<Future<Credentials>> credentials,
        String applicationName,
        TlsOptions tls,
        AuthPolicy auth,
        Duration connectDeadline,
        int maxFrameBytes,
        Map<String, String> settings,
        boolean replication,
        Runnable whenPlaintext) {

    public static final int DEFAULT_MAX_FRAME_BYTES = 256 << 20;

    private static final Pattern SETTING = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

    public WireOptions {
        host = stripBrackets(FrontendMessage.startupText("host", host));
        if (host.isEmpty()) {
            throw new IllegalArgumentException("Expected a host, got an empty text");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("Expected a port from 1 to 65535, got " + port);
        }
        if (!connectDeadline.isPositive()) {
            throw new IllegalArgumentException(
                    "Expected a positive connect deadline, got " + connectDeadline);
        }
        if (maxFrameBytes < 1024) {
            throw new IllegalArgumentException(
                    "Expected a longest message of at least 1024 bytes, got " + maxFrameBytes);
        }
        database = FrontendMessage.startupText("database", database);
        applicationName = FrontendMessage.startupText("application name", applicationName);
        settings = checked(settings);
    }

    /** With TLS off, SCRAM only, ten seconds to connect, and frames of up to 256 MB. */
    public static WireOptions of(
            String host, int port, String database, Supplier<Future<Credentials>> credentials) {
        return new WireOptions(
                host,
                port,
                database,
                credentials,
                "wal-monitor",
                TlsOptions.DISABLED,
                AuthPolicy.DEFAULT,
                Duration.ofSeconds(10),
                DEFAULT_MAX_FRAME_BYTES,
                Map.of(),
                true,
                () -> {});
    }

    public WireOptions withApplicationName(String name) {
        return with(draft -> draft.applicationName = name);
    }

    public WireOptions withTls(TlsOptions options) {
        return with(draft -> draft.tls = options);
    }

    public WireOptions withAuth(AuthPolicy policy) {
        return with(draft -> draft.auth = policy);
    }

    public WireOptions withConnectDeadline(Duration deadline) {
        return with(draft -> draft.connectDeadline = deadline);
    }

    public WireOptions withMaxFrameBytes(int bytes) {
        return with(draft -> draft.maxFrameBytes = bytes);
    }

    /** For plain SQL only, as any client connects. */
    public WireOptions withoutReplication() {
        return with(draft -> draft.replication = false);
    }

    /** Adds a run-time setting of the session. */
    public WireOptions withSetting(String name, String value) {
        Map<String, String> all = new TreeMap<>(settings);
        all.put(name, value);
        return with(draft -> draft.settings = all);
    }

    /** Has somebody told of each connection that goes on without the TLS that was wanted. */
    public WireOptions whenPlaintext(Runnable told) {
        return with(draft -> draft.whenPlaintext = told);
    }

    private WireOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return new WireOptions(
                host,
                port,
                database,
                credentials,
                draft.applicationName,
                draft.tls,
                draft.auth,
                draft.connectDeadline,
                draft.maxFrameBytes,
                draft.settings,
                draft.replication,
                draft.whenPlaintext);
    }

    /** What may differ from other options for the same server. */
    private static final class Draft {
        private String applicationName;
        private TlsOptions tls;
        private AuthPolicy auth;
        private Duration connectDeadline;
        private int maxFrameBytes;
        private Map<String, String> settings;
        private boolean replication;
        private Runnable whenPlaintext;

        Draft(WireOptions like) {
            applicationName = like.applicationName;
            tls = like.tls;
            auth = like.auth;
            connectDeadline = like.connectDeadline;
            maxFrameBytes = like.maxFrameBytes;
            settings = like.settings;
            replication = like.replication;
            whenPlaintext = like.whenPlaintext;
        }
    }

    /** {@code host:port}, an IPv6 address in brackets; for messages. */
    public String address() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /**
     * Without the credentials, which may hold a secret in a closure, and without extra settings.
     */
    @Override
    public String toString() {
        return "WireOptions["
                + address()
                + "/"
                + database
                + ", sslmode="
                + tls.mode().word()
                + ", settings="
                + settings.keySet()
                + "]";
    }

    private static String stripBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }

    private static Map<String, String> checked(Map<String, String> settings) {
        Set<String> pinned = FrontendMessage.PINNED_SETTINGS.keySet();
        settings.forEach((name, value) -> {
            if (!SETTING.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "Expected the name of a setting, got \"" + name + "\"");
            }
            if (pinned.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "The setting " + name + " is pinned, the decoders rely on it");
            }
            var _ = FrontendMessage.startupText("setting " + name, value);
        });
        return Collections.unmodifiableMap(new TreeMap<>(settings));
    }
}
