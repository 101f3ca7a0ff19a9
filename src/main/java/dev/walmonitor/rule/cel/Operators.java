package dev.walmonitor.rule.cel;

import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.common.operators.Operator;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.IteratorT;
import org.projectnessie.cel.common.types.NullT;
import org.projectnessie.cel.common.types.UnknownT;
import org.projectnessie.cel.common.types.ref.Val;
import org.projectnessie.cel.common.types.traits.Adder;
import org.projectnessie.cel.common.types.traits.Comparer;
import org.projectnessie.cel.common.types.traits.Divider;
import org.projectnessie.cel.common.types.traits.Lister;
import org.projectnessie.cel.common.types.traits.Modder;
import org.projectnessie.cel.common.types.traits.Multiplier;
import org.projectnessie.cel.common.types.traits.Negater;
import org.projectnessie.cel.common.types.traits.Subtractor;

/**
 * The operators. What is not known makes the result not known, an error makes it an error, and NULL
 * makes it NULL, as in SQL; but {@code ==} and {@code !=} take NULL for a value like any other.
 */
final class Operators {

    private Operators() {}

    /** The stronger of two values that are none; null if both are values. */
    static @Nullable Val undecided(Val a, Val b) {
        if (isUnknown(a) || isUnknown(b)) {
            return Cells.UNKNOWN;
        }
        if (Err.isError(a)) {
            return a;
        }
        return Err.isError(b) ? b : null;
    }

    static boolean isTrue(Val value) {
        return value instanceof BoolT truth && truth.booleanValue();
    }

    static boolean isFalse(Val value) {
        return value instanceof BoolT truth && !truth.booleanValue();
    }

    static boolean isUnknown(Val value) {
        return value instanceof UnknownT;
    }

    static boolean isNull(Val value) {
        return value instanceof NullT;
    }

    static Val compare(Operator operator, Val a, Val b) {
        Val undecided = undecided(a, b);
        if (undecided != null) {
            return undecided;
        }
        if (isNull(a) || isNull(b)) {
            return Cells.NULL;
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            Integer order = Numbers.compare(a, b);
            return order == null ? BoolT.False : holds(operator, order);
        }
        if (a instanceof Comparer comparer && a.getClass() == b.getClass()) {
            Val order = comparer.compare(b);
            return Err.isError(order) ? order : holds(operator, (int) order.intValue());
        }
        return Err.noSuchOverload(a, operator.id, b);
    }

    private static Val holds(Operator operator, int order) {
        boolean holds =
                switch (operator) {
                    case Less -> order < 0;
                    case LessEquals -> order <= 0;
                    case Greater -> order > 0;
                    default -> order >= 0;
                };
        return holds ? BoolT.True : BoolT.False;
    }

    /** Values of different kinds are not equal; that they are compared at all, a check tells. */
    static Val equal(Val a, Val b) {
        Val undecided = undecided(a, b);
        if (undecided != null) {
            return undecided;
        }
        if (isNull(a) || isNull(b)) {
            return isNull(a) == isNull(b) ? BoolT.True : BoolT.False;
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            Integer order = Numbers.compare(a, b);
            return order != null && order == 0 ? BoolT.True : BoolT.False;
        }
        return areAlike(a, b) ? a.equal(b) : BoolT.False;
    }

    /** Whether it makes sense to ask if they are equal. */
    static boolean areAlike(Val a, Val b) {
        return undecided(a, b) != null
                || isNull(a)
                || isNull(b)
                || (Numbers.isNumber(a) && Numbers.isNumber(b))
                || a.type().typeEnum() == b.type().typeEnum();
    }

    static Val not(Val a) {
        return switch (a) {
            case BoolT truth -> truth.booleanValue() ? BoolT.False : BoolT.True;
            default -> isOpen(a) ? a : Err.newErr("no such overload: !%s", a.type().typeName());
        };
    }

    private static boolean isOpen(Val a) {
        return isUnknown(a) || isNull(a) || Err.isError(a);
    }

    /** Of both, after the first one did not decide alone. */
    static Val and(Val a, Val b) {
        return isFalse(b) ? BoolT.False : both(a, b, "&&");
    }

    static Val or(Val a, Val b) {
        return isTrue(b) ? BoolT.True : both(a, b, "||");
    }

    private static Val both(Val a, Val b, String operator) {
        Val undecided = undecided(a, b);
        if (undecided != null) {
            return undecided;
        }
        boolean truths = (a instanceof BoolT || isNull(a)) && (b instanceof BoolT || isNull(b));
        if (!truths) {
            return Err.noSuchOverload(a, operator, b);
        }
        return isNull(a) ? a : b;
    }

    static Val calculate(Operator operator, Val a, Val b) {
        Val undecided = undecided(a, b);
        if (undecided != null) {
            return undecided;
        }
        if (isNull(a) || isNull(b)) {
            return Cells.NULL;
        }
        boolean ofTheLibrary = a.getClass() == b.getClass() && !(a instanceof Decimal);
        if (!ofTheLibrary && Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.calculate(operator, a, b);
        }
        Val result =
                switch (operator) {
                    case Add -> a instanceof Adder adder ? adder.add(b) : null;
                    case Subtract -> a instanceof Subtractor from ? from.subtract(b) : null;
                    case Multiply -> a instanceof Multiplier by ? by.multiply(b) : null;
                    case Divide -> a instanceof Divider by ? by.divide(b) : null;
                    default -> a instanceof Modder by ? by.modulo(b) : null;
                };
        return result == null ? Err.noSuchOverload(a, operator.id, b) : result;
    }

    static Val negate(Val a) {
        return switch (a) {
            case Decimal decimal -> new Decimal(decimal.number().negate());
            case BoolT truth -> Err.newErr("no such overload: -bool");
            case Negater number -> number.negate();
            default -> isOpen(a) ? a : Err.newErr("no such overload: -%s", a.type().typeName());
        };
    }

    static Val in(Val a, Val b) {
        if (!(b instanceof Lister list)) {
            Val undecided = undecided(a, b);
            return undecided != null ? undecided : Err.noSuchOverload(a, "in", b);
        }
        boolean unknown = isUnknown(a);
        IteratorT elements = list.iterator();
        while (isTrue(elements.hasNext())) {
            Val same = equal(a, elements.next());
            if (isTrue(same) || Err.isError(same)) {
                return same;
            }
            unknown |= isUnknown(same);
        }
        return unknown ? Cells.UNKNOWN : BoolT.False;
    }
}
