package dev.walmonitor.handler.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The name of an object's member, in the order of jsonb: the shorter first, then by its bytes. */
final class KeyName implements Comparable<KeyName> {
    private final String text;
    private final byte[] bytes;

    KeyName(String text) {
        this.text = text;
        this.bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    String text() {
        return text;
    }

    boolean isAscii() {
        return bytes.length == text.length();
    }

    @Override
    public int compareTo(KeyName other) {
        return bytes.length == other.bytes.length
                ? Arrays.compareUnsigned(bytes, other.bytes)
                : Integer.compare(bytes.length, other.bytes.length);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object o) {
        return o instanceof KeyName other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
