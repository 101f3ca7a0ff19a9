package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The server's side of SCRAM-SHA-256, as RFC 5802 describes it. */
final class ScramServer {
    private static final byte[] SALT = Backend.utf8("0123456789abcdef");
    private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

    private final String password;
    private String clientFirst = "";
    private String serverFirst = "";

    ScramServer(String password) {
        this.password = password;
    }

    /** The part of a SASLInitialResponse after mechanism and length. */
    static String initialData(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.substring(text.indexOf('\0') + 5);
    }

    static String initialMechanism(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('\0'));
    }

    String first(String fromClient, int iterations) {
        clientFirst = fromClient;
        String nonce = fromClient.substring(fromClient.indexOf("r=") + 2);
        serverFirst =
                "r="
                        + nonce
                        + "server,s="
                        + Base64.getEncoder().encodeToString(SALT)
                        + ",i="
                        + iterations;
        return serverFirst;
    }

    /** Checks the client's proof and the binding, and gives the server's signature. */
    String last(String fromClient, int iterations, byte[] endPoint) {
        String withoutProof = fromClient.substring(0, fromClient.indexOf(",p="));
        String header = clientFirst.substring(0, clientFirst.indexOf("n=*"));
        byte[] bound = header.startsWith("p=") ? endPoint : new byte[0];
        assertThat(withoutProof)
                .startsWith(
                        "c="
                                + Base64.getEncoder()
                                        .encodeToString(Backend.concat(Backend.utf8(header), bound))
                                + ",");
        String authMessage =
                clientFirst.substring(header.length()) + "," + serverFirst + "," + withoutProof;
        byte[] salted =
                ScramFunctions.saltedPassword(
                        MECHANISM,
                        StringPreparation.POSTGRESQL_PREPARATION,
                        password.toCharArray(),
                        SALT,
                        iterations);
        byte[] stored =
                ScramFunctions.storedKey(MECHANISM, ScramFunctions.clientKey(MECHANISM, salted));
        byte[] proof = Base64.getDecoder().decode(fromClient.substring(withoutProof.length() + 3));
        assertThat(ScramFunctions.verifyClientProof(MECHANISM, proof, stored, authMessage))
                .as("the client's proof")
                .isTrue();
        byte[] serverKey = ScramFunctions.serverKey(MECHANISM, salted);
        return "v="
                + Base64.getEncoder()
                        .encodeToString(
                                ScramFunctions.serverSignature(MECHANISM, serverKey, authMessage));
    }
}
