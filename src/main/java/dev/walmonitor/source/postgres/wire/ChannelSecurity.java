package dev.walmonitor.source.postgres.wire;

import com.ongres.scram.common.util.TlsServerEndpoint;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * What authentication needs to know of the channel below it.
 *
 * @param endPoint the tls-server-end-point of the server's certificate (RFC 5929, 4.1); null
 *     without TLS, and where the certificate has none
 */
record ChannelSecurity(boolean encrypted, byte @Nullable [] endPoint) {

    static final ChannelSecurity PLAINTEXT = new ChannelSecurity(false, null);

    static ChannelSecurity of(WireChannel channel) {
        return channel.isTls()
                ? new ChannelSecurity(true, endPoint(channel.serverCertificate()))
                : PLAINTEXT;
    }

    private static byte @Nullable [] endPoint(@Nullable X509Certificate certificate) {
        try {
            byte[] hash =
                    certificate == null
                            ? new byte[0]
                            : TlsServerEndpoint.getChannelBindingData(certificate);
            return hash.length == 0 ? null : hash;
        } catch (CertificateEncodingException e) {
            return null;
        }
    }
}
