package dev.walmonitor.sink.http;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of addresses.
 *
 * @param bits how many of them all its addresses begin with
 */
record Network(byte[] first, int bits) {

    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] first = address(slash < 0 ? text : text.substring(0, slash));
        int most = first.length * Byte.SIZE;
        int bits = slash < 0 ? most : bits(text.substring(slash + 1), most, text);
        return new Network(first, bits);
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            throw malformed(text);
        }
    }

    private static int bits(String text, int most, String all) {
        if (!text.matches("\\d{1,3}") || Integer.parseInt(text) > most) {
            throw malformed(all);
        }
        return Integer.parseInt(text);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "Expected a network such as 10.0.0.0/8 or fd00::/8, got \"" + text + "\"");
    }

    boolean contains(byte[] address) {
        if (address.length != first.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit += Byte.SIZE) {
            int differs = (address[bit / Byte.SIZE] ^ first[bit / Byte.SIZE]) & 0xFF;
            int left = bits - bit;
            if ((left >= Byte.SIZE ? differs : differs >> (Byte.SIZE - left)) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object o) {
        return o instanceof Network n && bits == n.bits && Arrays.equals(first, n.first);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(first) + bits;
    }
}
