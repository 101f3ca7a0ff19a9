package dev.walmonitor.source.postgres.wire;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How much TLS a connection must have; the names and meanings are libpq's {@code sslmode}. */
public enum SslMode {
    /** Plaintext, TLS is not asked for. */
    DISABLE,
    /** TLS if the server has it, else plaintext. Open to downgrade: never for production. */
    PREFER,
    /** TLS or nothing; who answers is verified only if a root certificate is given. */
    REQUIRE,
    /** TLS, and the server's certificate leads to a trusted root. */
    VERIFY_CA,
    /** As {@link #VERIFY_CA}, and the certificate names the host that was connected to. */
    VERIFY_FULL;

    /** The name that URLs use, such as {@code verify-full}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads {@link #text()}.
     *
     * @throws IllegalArgumentException naming the known modes
     */
    public static SslMode parse(String text) {
        for (SslMode mode : values()) {
            if (mode.text().equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "Expected an sslmode ("
                        + Arrays.stream(values())
                                .map(SslMode::text)
                                .collect(Collectors.joining(", "))
                        + "), got \""
                        + text
                        + "\"");
    }
}
