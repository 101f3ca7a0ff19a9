package dev.walmonitor.handler.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as the Standard Webhooks specification has it: {@code v1} is the HMAC-SHA256 of
 * {@code id.timestamp.body}. Never shows a secret. Immutable.
 */
final class Signer {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";

    /** In bytes; what the specification allows. */
    static final int SHORTEST = 24;

    static final int LONGEST = 64;

    private final List<SecretKey> keys;

    private Signer(List<SecretKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * A signer with several secrets: a receiver that knows one of them is content.
     *
     * @throws IllegalArgumentException if a secret is malformed; the message names its place, from
     *     1, and nothing of the secret
     */
    static Signer of(List<String> secrets) {
        List<SecretKey> keys = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            byte[] bytes = decode(secrets.get(i).strip(), i + 1);
            keys.add(new SecretKeySpec(bytes, ALGORITHM));
        }
        return new Signer(keys);
    }

    private static byte[] decode(String secret, int place) {
        String which = "secret " + place;
        if (!secret.startsWith(PREFIX)) {
            throw new IllegalArgumentException(which + " does not begin with " + PREFIX);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) { // its message quotes the secret
            throw new IllegalArgumentException(which + " is not base64 behind " + PREFIX);
        }
        if (bytes.length < SHORTEST || bytes.length > LONGEST) {
            throw new IllegalArgumentException(
                    which
                            + " has "
                            + bytes.length
                            + " bytes, expected "
                            + SHORTEST
                            + " to "
                            + LONGEST);
        }
        return bytes;
    }

    /**
     * The value of {@code webhook-signature}: one signature a secret.
     *
     * @param id without a dot
     * @param timestamp in seconds since 1970
     */
    String sign(String id, long timestamp, String body) {
        byte[] content = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
        return keys.stream()
                .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, content)))
                .collect(Collectors.joining(" "));
    }

    private static byte[] hmac(SecretKey key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Expected " + ALGORITHM + " in every Java", e);
        }
    }

    @Override
    public String toString() {
        return keys.size() + " secrets";
    }
}
