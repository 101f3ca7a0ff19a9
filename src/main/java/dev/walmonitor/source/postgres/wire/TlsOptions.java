package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.DatabaseUrl.SslMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a connection. Files are PEM and are read anew at each connect.
 *
 * @param mode {@code allow} is taken as {@code prefer}: TLS if the server has it, else plaintext,
 *     which is open to downgrade
 * @param rootCertificate the roots to trust; null: those of the Java runtime for {@code verify-ca}
 *     and {@code verify-full}, and no verification for the weaker modes. If it is given, the weaker
 *     modes verify too, as libpq does.
 * @param certificate our own certificate (chain), for servers that ask for one
 * @param key its private key, PKCS#8, not encrypted
 */
public record TlsOptions(
        SslMode mode,
        @Nullable Path rootCertificate,
        @Nullable Path certificate,
        @Nullable Path key) {

    public static final TlsOptions DISABLED = of(SslMode.DISABLE);

    public TlsOptions {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "Expected a client certificate and its key together, got only the "
                            + (certificate == null ? "key" : "certificate"));
        }
    }

    public static TlsOptions of(SslMode mode) {
        return new TlsOptions(mode, null, null, null);
    }

    public TlsOptions withRootCertificate(Path roots) {
        return new TlsOptions(mode, roots, certificate, key);
    }

    public TlsOptions withClientCertificate(Path ownCertificate, Path ownKey) {
        return new TlsOptions(mode, rootCertificate, ownCertificate, ownKey);
    }

    boolean wanted() {
        return mode != SslMode.DISABLE;
    }

    boolean mayFallBack() {
        return mode.compareTo(SslMode.PREFER) <= 0;
    }

    boolean verifiesHost() {
        return mode == SslMode.VERIFY_FULL;
    }

    boolean verifiesChain() {
        return rootCertificate != null || mode.compareTo(SslMode.VERIFY_CA) >= 0;
    }
}
