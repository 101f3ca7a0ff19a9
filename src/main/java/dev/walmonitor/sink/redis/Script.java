package dev.walmonitor.sink.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script, and the name that Redis gives it. */
enum Script {
    CHANGE("record", "change"),
    SNAPSHOT("record", "snapshot"),
    QUERY("record", "query"),
    EVICT("record", "evict"),
    LEASE("lease"),
    FILL("fill"),
    SENTINEL("sentinel"),
    APPEND("append");

    private final String text;
    private final String sha;

    Script(String... parts) {
        StringBuilder all = new StringBuilder();
        for (String part : parts) {
            all.append(read("/redis/" + part + ".lua"));
        }
        this.text = all.toString();
        this.sha = sha(text);
    }

    String text() {
        return text;
    }

    /** By which {@code EVALSHA} finds it. */
    String sha() {
        return sha;
    }

    private static String read(String resource) {
        try (InputStream in = Script.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "Expected the resource " + resource + ", found none");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Expected SHA-1 in every Java", e);
        }
    }
}
