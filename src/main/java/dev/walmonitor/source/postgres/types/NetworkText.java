package dev.walmonitor.source.postgres.types;

import java.util.HexFormat;

/** Addresses of networks and hardware. */
final class NetworkText {
    private static final int IPV4 = 2;
    private static final int IPV6 = 3;
    private static final int WORDS = 8;

    private NetworkText() {}

    static String inet(BinaryValue in) {
        return address(in, false);
    }

    static String cidr(BinaryValue in) {
        return address(in, true);
    }

    /**
     * @param always whether the number of bits is shown even if it is all of them
     */
    private static String address(BinaryValue in, boolean always) {
        int family = in.int8();
        int bits = Byte.toUnsignedInt(in.int8());
        int cidr = in.int8();
        int length = in.int8();
        boolean v4 = family == IPV4 && length == 4 && bits <= 32;
        boolean v6 = family == IPV6 && length == 16 && bits <= 128;
        if ((!v4 && !v6) || cidr < 0) {
            throw new BinaryValue.Malformed();
        }
        StringBuilder out = new StringBuilder(44);
        if (v4) {
            dotted(out, in.int32());
        } else {
            colons(out, in);
        }
        if (always || bits != 8 * length) {
            out.append('/').append(bits);
        }
        return out.toString();
    }

    private static void dotted(StringBuilder out, int address) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.append(address >>> shift & 0xFF).append(shift == 0 ? "" : ".");
        }
    }

    private static void colons(StringBuilder out, BinaryValue in) {
        int[] words = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = Short.toUnsignedInt(in.int16());
        }
        int base = 0;
        int run = 0;
        for (int i = 0; i < WORDS; i++) {
            int zeros = zeros(words, i);
            if (zeros > run) {
                base = i;
                run = zeros;
            }
        }
        if (run < 2) {
            run = 0;
            base = WORDS;
        }
        write(out, words, base, run);
    }

    private static int zeros(int[] words, int from) {
        int end = from;
        while (end < WORDS && words[end] == 0) {
            end++;
        }
        return end - from;
    }

    /**
     * @param base where zeros are left out
     * @param run how many
     */
    private static void write(StringBuilder out, int[] words, int base, int run) {
        boolean holdsIpv4 = base == 0 && (run == 6 || (run == 5 && words[5] == 0xFFFF));
        for (int i = 0; i < WORDS; i++) {
            if (i >= base && i < base + run) {
                out.append(i == base ? ":" : "");
                continue;
            }
            out.append(i == 0 ? "" : ":");
            if (i == 6 && holdsIpv4) {
                dotted(out, words[6] << 16 | words[7]);
                return;
            }
            out.append(Integer.toHexString(words[i]));
        }
        if (run > 0 && base + run == WORDS) {
            out.append(':');
        }
    }

    /** Of 6 bytes or 8. */
    static String hardware(BinaryValue in) {
        StringBuilder out = new StringBuilder(23);
        while (in.remaining() > 0) {
            out.append(out.isEmpty() ? "" : ":");
            out.append(HexFormat.of().toHexDigits(in.int8()));
        }
        return out.toString();
    }
}
