package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Self-signed certificates, made by the JDK's keytool when a test needs them. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "test";

    private final KeyStore store;
    private final Path directory;

    private TestCertificates(KeyStore store, Path directory) {
        this.store = store;
        this.directory = directory;
    }

    /** Valid for the names, such as {@code dns:localhost,ip:127.0.0.1}. */
    static TestCertificates naming(Path directory, String names) throws Exception {
        return generated(directory, names, "-startdate", "-1d", "-validity", "30");
    }

    /** Was valid until nine days ago; signed, as what is trusted itself is not looked at so. */
    static TestCertificates expired(Path directory, String names, TestCertificates issuer)
            throws Exception {
        TestCertificates own = generated(directory, names);
        Path request = own.directory.resolve("request.pem");
        Path signed = own.directory.resolve("signed.pem");
        own.keytool("-certreq", "-file", request.toString());
        issuer.keytool(
                "-gencert",
                "-infile",
                request.toString(),
                "-outfile",
                signed.toString(),
                "-startdate",
                "-10d",
                "-validity",
                "1",
                "-ext",
                "san=" + names);
        try (InputStream in = Files.newInputStream(signed)) {
            Certificate certificate =
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
            own.store.setKeyEntry(
                    ALIAS,
                    own.store.getKey(ALIAS, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    new Certificate[] {certificate, issuer.certificate()});
        }
        return own;
    }

    private static TestCertificates generated(Path parent, String names, String... more)
            throws Exception {
        TestCertificates made =
                new TestCertificates(
                        KeyStore.getInstance("PKCS12"),
                        Files.createTempDirectory(parent, "certificate"));
        List<String> options = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC"));
        Collections.addAll(options, "-dname", "CN=test", "-ext", "san=" + names);
        Collections.addAll(options, more);
        made.keytool(options.toArray(String[]::new));
        try (InputStream in = Files.newInputStream(made.file())) {
            made.store.load(in, PASSWORD.toCharArray());
        }
        return made;
    }

    private Path file() {
        return directory.resolve("store.p12");
    }

    private void keytool(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        Collections.addAll(command, options);
        Collections.addAll(command, "-keystore", file().toString(), "-storetype", "PKCS12");
        Collections.addAll(command, "-storepass", PASSWORD, "-alias", ALIAS);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    X509Certificate certificate() throws GeneralSecurityException {
        return (X509Certificate) store.getCertificate(ALIAS);
    }

    /** The certificate as a PEM file. */
    Path certificateFile() throws GeneralSecurityException, IOException {
        return pem("certificate.pem", "CERTIFICATE", certificate().getEncoded());
    }

    /** The private key as a PEM file. */
    Path keyFile() throws GeneralSecurityException, IOException {
        return pem(
                "key.pem", "PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    }

    private Path pem(String name, String kind, byte[] encoded) throws IOException {
        return Files.writeString(
                directory.resolve(name),
                "-----BEGIN "
                        + kind
                        + "-----\n"
                        + Base64.getMimeEncoder().encodeToString(encoded)
                        + "\n-----END "
                        + kind
                        + "-----\n");
    }

    /** For a server with this certificate, which trusts the certificates of {@code clients}. */
    SSLContext serverContext(TestCertificates... clients) throws Exception {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (TestCertificates client : clients) {
            trusted.setCertificateEntry("client" + trusted.size(), client.certificate());
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
