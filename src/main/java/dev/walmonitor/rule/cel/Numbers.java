package dev.walmonitor.rule.cel;

import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.common.operators.Operator;
import org.projectnessie.cel.common.types.DoubleT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.IntT;
import org.projectnessie.cel.common.types.UintT;
import org.projectnessie.cel.common.types.ref.Val;

/**
 * Numbers of different kinds with one another. They meet as decimals, so that nothing is rounded; a
 * binary fraction counts as the decimal that it is written as, so that a numeric 9.99 equals the
 * literal 9.99.
 */
final class Numbers {

    private Numbers() {}

    static boolean isNumber(Val value) {
        return value instanceof IntT
                || value instanceof Decimal
                || value instanceof DoubleT
                || value instanceof UintT;
    }

    /** As {@link Comparable#compareTo}; null if one of them is not a number (NaN). */
    static @Nullable Integer compare(Val a, Val b) {
        if (a instanceof IntT && b instanceof IntT) {
            return Long.compare(a.intValue(), b.intValue());
        }
        if (isEndless(a) || isEndless(b)) {
            double left = asDouble(a);
            double right = asDouble(b);
            return Double.isNaN(left) || Double.isNaN(right) ? null : Double.compare(left, right);
        }
        return decimal(a).compareTo(decimal(b));
    }

    /** Of two numbers, at least one of which is a decimal, or which are of different kinds. */
    static Val calculate(Operator operator, Val a, Val b) {
        if (isEndless(a) || isEndless(b)) {
            return calculate(operator, asDouble(a), asDouble(b));
        }
        BigDecimal left = decimal(a);
        BigDecimal right = decimal(b);
        boolean byZero = right.signum() == 0;
        return switch (operator) {
            case Add -> new Decimal(left.add(right));
            case Subtract -> new Decimal(left.subtract(right));
            case Multiply -> new Decimal(left.multiply(right));
            case Divide ->
                    byZero
                            ? Err.divideByZero()
                            : new Decimal(left.divide(right, MathContext.DECIMAL128));
            case Modulo -> byZero ? Err.modulusByZero() : new Decimal(left.remainder(right));
            default -> Err.noSuchOverload(a, operator.id, b);
        };
    }

    private static Val calculate(Operator operator, double a, double b) {
        return switch (operator) {
            case Add -> DoubleT.doubleOf(a + b);
            case Subtract -> DoubleT.doubleOf(a - b);
            case Multiply -> DoubleT.doubleOf(a * b);
            case Divide -> DoubleT.doubleOf(a / b);
            default -> Err.newErr("no such overload: %s of a double", operator.id);
        };
    }

    private static boolean isEndless(Val value) {
        return value instanceof DoubleT && !Double.isFinite(value.doubleValue());
    }

    private static double asDouble(Val value) {
        return value instanceof Decimal decimal
                ? decimal.number().doubleValue()
                : value.doubleValue();
    }

    private static BigDecimal decimal(Val value) {
        return switch (value) {
            case Decimal decimal -> decimal.number();
            case IntT whole -> BigDecimal.valueOf(whole.intValue());
            case DoubleT fraction -> BigDecimal.valueOf(fraction.doubleValue());
            default -> new BigDecimal(String.valueOf(value.value()));
        };
    }
}
