package dev.walmonitor.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A self-signed certificate, made with the JDK's keytool.
 *
 * @param certificate as PEM; also what a client has to trust
 * @param key the private key as PEM
 */
public record TestCertificate(String certificate, String key) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** One for localhost and 127.0.0.1. */
    public static TestCertificate forLoopback() {
        return signedFor("san=dns:localhost,ip:127.0.0.1");
    }

    /** One for another name, which a client that verifies the host has to refuse. */
    public static TestCertificate forAnotherHost() {
        return signedFor("san=dns:another.example");
    }

    private static TestCertificate signedFor(String names) {
        try {
            Path directory = Files.createTempDirectory("wal-monitor-certificate-");
            Path store = directory.resolve("store.p12");
            String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
            Programs.run(
                    List.of(
                            keytool,
                            "-genkeypair",
                            "-alias",
                            "server",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            "CN=wal-monitor-test",
                            "-ext",
                            names,
                            "-validity",
                            "2",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            new String(PASSWORD),
                            "-keystore",
                            store.toString()));
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD);
            }
            Files.delete(store);
            Files.delete(directory);
            return new TestCertificate(
                    pem("CERTIFICATE", keys.getCertificate("server").getEncoded()),
                    pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Could not make a certificate", e);
        }
    }

    /** Writes server.crt and server.key into a data directory. */
    void write(Path data) {
        try {
            Files.writeString(data.resolve("server.crt"), certificate);
            Path keyFile = Files.writeString(data.resolve("server.key"), key);
            Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new IllegalStateException("Could not write the certificate", e);
        }
    }

    private static String pem(String type, byte[] bytes) {
        String body =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
