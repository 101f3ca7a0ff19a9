package dev.walmonitor.source.postgres.types;

/** Numbers of type numeric: digits to the base of 10,000, and how many decimals are shown. */
final class NumericText {
    private static final int POSITIVE = 0x0000;
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xC000;
    private static final int INFINITY = 0xD000;
    private static final int MINUS_INFINITY = 0xF000;
    private static final int GROUP = 4;

    private NumericText() {}

    static String of(BinaryValue in) {
        int count = Short.toUnsignedInt(in.int16());
        int weight = in.int16();
        int sign = Short.toUnsignedInt(in.int16());
        int scale = Short.toUnsignedInt(in.int16());
        int[] digits = new int[Math.min(count, in.remaining() / Short.BYTES)];
        for (int i = 0; i < count; i++) {
            int digit = in.int16();
            if (digit < 0 || digit > 9999) {
                throw new BinaryValue.Malformed();
            }
            digits[i] = digit;
        }
        return switch (sign) {
            case POSITIVE -> finite("", digits, weight, scale);
            case NEGATIVE -> finite("-", digits, weight, scale);
            case NAN -> "NaN";
            case INFINITY -> "Infinity";
            case MINUS_INFINITY -> "-Infinity";
            default -> throw new BinaryValue.Malformed();
        };
    }

    private static String finite(String sign, int[] digits, int weight, int scale) {
        StringBuilder out = new StringBuilder(sign);
        if (weight < 0) {
            out.append('0');
        }
        for (int group = 0; group <= weight; group++) {
            int value = group < digits.length ? digits[group] : 0;
            if (group == 0) {
                out.append(value);
            } else {
                padded(out, value);
            }
        }
        if (scale > 0) {
            out.append('.');
            int end = out.length() + scale;
            for (int group = weight + 1; out.length() < end; group++) {
                padded(out, group >= 0 && group < digits.length ? digits[group] : 0);
            }
            out.setLength(end);
        }
        return out.toString();
    }

    private static void padded(StringBuilder out, int value) {
        String text = Integer.toString(value);
        out.repeat('0', GROUP - text.length()).append(text);
    }
}
