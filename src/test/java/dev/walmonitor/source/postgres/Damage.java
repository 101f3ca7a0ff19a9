package dev.walmonitor.source.postgres;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Does to bytes what a broken network, a broken server or an attacker might do. */
public final class Damage {
    private static final byte[] TELLING = {
        0, 1, 2, 'N', 'K', 'O', 'n', 'u', 't', 'b', 'w', 'k', 127, -1, -128
    };
    private static final int[] EXTREMES = {
        0,
        1,
        -1,
        -2,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 4,
        Short.MAX_VALUE,
        0xFFFF,
        1 << 24,
        1 << 30
    };

    private final SplittableRandom random;

    public Damage(SplittableRandom random) {
        this.random = random;
    }

    /**
     * The bytes with one to three damages.
     *
     * @param other bytes of the same kind, to put together with them
     */
    public byte[] done(byte[] bytes, byte[] other) {
        byte[] damaged = bytes;
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            damaged = once(damaged, other);
        }
        return damaged;
    }

    private byte[] once(byte[] bytes, byte[] other) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        byte[] copy = bytes.clone();
        switch (random.nextInt(10)) {
            case 0 -> {
                return joined(bytes, at, new byte[] {(byte) random.nextInt()}, at);
            }
            case 1 -> {
                return joined(bytes, at, new byte[0], at + 1);
            }
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> copy[at] ^= (byte) (1 << random.nextInt(8));
            case 4 -> copy[at] = TELLING[random.nextInt(TELLING.length)];
            case 5 -> extreme(copy, at, 4);
            case 6 -> extreme(copy, at, 2);
            case 7 -> {
                int from = Math.min(other.length, at);
                int to = from + random.nextInt(other.length - from + 1);
                return joined(bytes, at, Arrays.copyOfRange(other, from, to), at);
            }
            case 8 -> {
                int to = Math.min(other.length, at);
                return joined(bytes, at, Arrays.copyOfRange(other, to, other.length), bytes.length);
            }
            default -> {
                int to = at + random.nextInt(bytes.length - at + 1);
                return joined(bytes, to, Arrays.copyOfRange(bytes, at, to), to);
            }
        }
        return copy;
    }

    /** A length or a number as no server sends it, or one that is wrong by a little. */
    private void extreme(byte[] bytes, int at, int size) {
        int end = Math.min(bytes.length, at + size);
        boolean little = random.nextInt(3) == 0;
        int value = little ? 0 : EXTREMES[random.nextInt(EXTREMES.length)];
        for (int i = at; little && i < end; i++) {
            value = value << 8 | (bytes[i] & 0xFF);
        }
        int written = little ? value + random.nextInt(-2, 3) : value;
        for (int i = end - 1; i >= at; i--) {
            bytes[i] = (byte) written;
            written >>= 8;
        }
    }

    /** The start of the bytes, something, and their rest. */
    private static byte[] joined(byte[] bytes, int to, byte[] middle, int from) {
        byte[] all = Arrays.copyOf(bytes, to + middle.length + bytes.length - from);
        System.arraycopy(middle, 0, all, to, middle.length);
        System.arraycopy(bytes, from, all, to + middle.length, bytes.length - from);
        return all;
    }
}
