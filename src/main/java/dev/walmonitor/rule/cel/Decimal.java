package dev.walmonitor.rule.cel;

import java.math.BigDecimal;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.DoubleT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.IntT;
import org.projectnessie.cel.common.types.StringT;
import org.projectnessie.cel.common.types.TypeT;
import org.projectnessie.cel.common.types.ref.BaseVal;
import org.projectnessie.cel.common.types.ref.Type;
import org.projectnessie.cel.common.types.ref.Val;

/** A number with every digit that the database has; CEL itself knows none such. */
final class Decimal extends BaseVal {
    private static final Type TYPE = TypeT.newObjectTypeValue("decimal");

    private final BigDecimal number;

    Decimal(BigDecimal number) {
        this.number = number;
    }

    BigDecimal number() {
        return number;
    }

    @Override
    public <T> T convertToNative(Class<T> type) {
        return type.cast(number);
    }

    @Override
    public Val convertToType(Type type) {
        return switch (type.typeEnum()) {
            case Int -> toInt();
            case Double -> DoubleT.doubleOf(number.doubleValue());
            case String -> StringT.stringOf(number.toPlainString());
            default -> Err.newTypeConversionError(TYPE, type);
        };
    }

    private Val toInt() {
        BigDecimal whole = number.setScale(0, java.math.RoundingMode.DOWN);
        return whole.precision() - whole.scale() > 19 || whole.toBigInteger().bitLength() > 63
                ? Err.errIntOverflow
                : IntT.intOf(whole.longValue());
    }

    @Override
    public Val equal(Val other) {
        return other instanceof Decimal decimal && number.compareTo(decimal.number) == 0
                ? BoolT.True
                : BoolT.False;
    }

    @Override
    public Type type() {
        return TYPE;
    }

    @Override
    public Object value() {
        return number;
    }
}
