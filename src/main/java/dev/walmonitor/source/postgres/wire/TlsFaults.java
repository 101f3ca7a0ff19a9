package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.TlsFailure;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** From what the TLS engine throws to a sentence that says what is wrong with whom. */
final class TlsFaults {
    private TlsFaults() {}

    /** Whether TLS is what failed. */
    static boolean isOne(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    static TlsFailure of(Throwable failure, WireOptions options) {
        return new TlsFailure(sentence(failure, options.address(), options.host()));
    }

    private static String sentence(Throwable failure, String address, String host) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String known = known(t, address, host);
            if (known != null) {
                return known;
            }
        }
        return "The TLS connection to " + address + " failed: " + said(failure);
    }

    /** What the TLS engine says, without what wraps it. */
    private static String said(Throwable failure) {
        Throwable inner = failure;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            inner = t instanceof SSLException ? t : inner;
        }
        return ServerMessage.shown(String.valueOf(inner.getMessage())) + ".";
    }

    private static @Nullable String known(Throwable t, String address, String host) {
        return switch (t) {
            case CertificateExpiredException _ -> expired(address);
            case CertificateNotYetValidException _ ->
                    "The certificate of the server at " + address + " is not valid yet.";
            case CertPathValidatorException path when path.getReason() == BasicReason.EXPIRED ->
                    expired(address);
            case CertPathBuilderException _ -> untrusted(address);
            case CertPathValidatorException _ -> untrusted(address);
            case CertificateException named when isAboutTheName(named) ->
                    "The certificate of the server at "
                            + address
                            + " does not name the host "
                            + host
                            + ", as sslmode=verify-full requires.";
            default -> null;
        };
    }

    private static String expired(String address) {
        return "The certificate of the server at " + address + " has expired.";
    }

    private static String untrusted(String address) {
        return "The certificate of the server at "
                + address
                + " does not lead to a trusted root; give its root certificate as sslrootcert.";
    }

    /** The JDK has no type for it; its texts are not translated. */
    private static boolean isAboutTheName(CertificateException e) {
        String message = String.valueOf(e.getMessage());
        return e.getCause() == null
                && (message.startsWith("No name matching")
                        || message.startsWith("No subject alternative"));
    }
}
