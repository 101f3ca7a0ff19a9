package dev.walmonitor.source.postgres.types;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers of float4 and float8 as the server prints them with {@code extra_float_digits} above 0:
 * the shortest decimal that lies between the halfway points to both neighbours, <em>not</em> on
 * one, and of those the closest; with an exponent where {@code %g} would have one.
 */
final class FloatText {
    private static final int DOUBLE_FIXED = 15;
    private static final int FLOAT_FIXED = 6;

    private FloatText() {}

    static String of(double x) {
        if (!Double.isFinite(x)) {
            return special(x);
        }
        double abs = Math.abs(x);
        // Here Java's own text is of the same kind: no halfway point is a short decimal, and one
        // digit never does where Java prefers two.
        boolean ordinary = abs > 1e-290 && abs < 0x1p51;
        BigDecimal shortest =
                abs == 0 || ordinary
                        ? new BigDecimal(Double.toString(abs))
                        : shortest(
                                new BigDecimal(abs),
                                new BigDecimal(Math.nextDown(abs)),
                                new BigDecimal(Math.ulp(abs)));
        return written(isNegative(x), shortest, DOUBLE_FIXED);
    }

    static String of(float x) {
        if (!Float.isFinite(x)) {
            return special(x);
        }
        float abs = Math.abs(x);
        boolean ordinary = abs > 1e-30 && abs < 0x1p20;
        BigDecimal shortest =
                abs == 0 || ordinary
                        ? new BigDecimal(Float.toString(abs))
                        : shortest(
                                new BigDecimal(abs),
                                new BigDecimal(Math.nextDown(abs)),
                                new BigDecimal(Math.ulp(abs)));
        return written(isNegative(x), shortest, FLOAT_FIXED);
    }

    private static boolean isNegative(double x) {
        return Double.doubleToRawLongBits(x) < 0;
    }

    private static String special(double x) {
        return Double.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
    }

    /**
     * @param below the next smaller number
     * @param ulp the distance to the next larger one
     */
    private static BigDecimal shortest(BigDecimal exact, BigDecimal below, BigDecimal ulp) {
        BigDecimal two = BigDecimal.valueOf(2);
        BigDecimal lower = exact.add(below).divide(two);
        BigDecimal upper = exact.add(ulp.divide(two));
        for (int digits = 1; ; digits++) {
            BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
            BigDecimal up = exact.round(new MathContext(digits, RoundingMode.UP));
            boolean downIn = down.compareTo(lower) > 0;
            boolean upIn = up.compareTo(upper) < 0;
            if (downIn && upIn) {
                return exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            }
            if (downIn || upIn) {
                return downIn ? down : up;
            }
        }
    }

    private static String written(boolean negative, BigDecimal number, int fixedBelow) {
        StringBuilder out = new StringBuilder(24);
        if (negative) {
            out.append('-');
        }
        if (number.signum() == 0) {
            return out.append('0').toString();
        }
        BigDecimal bare = number.stripTrailingZeros();
        int exponent = bare.precision() - bare.scale() - 1;
        if (exponent >= -4 && exponent < fixedBelow) {
            return out.append(bare.toPlainString()).toString();
        }
        String digits = bare.unscaledValue().toString();
        out.append(digits.charAt(0));
        if (digits.length() > 1) {
            out.append('.').append(digits, 1, digits.length());
        }
        int size = Math.abs(exponent);
        out.append('e').append(exponent < 0 ? '-' : '+').append(size < 10 ? "0" : "").append(size);
        return out.toString();
    }
}
