package dev.walmonitor.handler;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of some texts: the first half of their SHA-256, in hexadecimal digits. Other texts, or
 * the same in another order, have another one.
 */
public final class Hash {
    private static final int BYTES = 16;

    private final MessageDigest digest;

    public Hash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Expected SHA-256 in every Java", e);
        }
    }

    public static String of(String... texts) {
        Hash hash = new Hash();
        for (String text : texts) {
            hash.add(text);
        }
        return hash.hex();
    }

    /** One text more; its length goes before it, so that texts cannot run into one another. */
    public void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    public String hex() {
        return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    }
}
