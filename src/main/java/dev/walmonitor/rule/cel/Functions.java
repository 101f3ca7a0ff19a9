package dev.walmonitor.rule.cel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.ref.Val;
import org.projectnessie.cel.common.types.traits.Receiver;
import org.projectnessie.cel.interpreter.functions.Overload;

/**
 * The library's functions, such as {@code size}, {@code startsWith}, {@code timestamp}. Of NULL
 * each makes NULL.
 */
final class Functions {
    private static final Map<String, Overload> STANDARD = new HashMap<>();

    static {
        for (Overload overload : Overload.standardOverloads()) {
            STANDARD.put(overload.operator, overload);
        }
    }

    private Functions() {}

    /**
     * @param arguments what a method is called on is the first
     */
    static Node node(String function, List<Node> arguments) {
        @Nullable Overload overload = STANDARD.get(function);
        return (facts, locals) -> {
            Val[] values = new Val[arguments.size()];
            Val open = null;
            for (int i = 0; i < values.length; i++) {
                Val value = arguments.get(i).in(facts, locals);
                values[i] = value;
                open = open == null ? undecided(value) : stronger(open, value);
            }
            return open == null ? invoke(function, overload, values) : open;
        };
    }

    private static @Nullable Val undecided(Val value) {
        return Operators.isUnknown(value) || Err.isError(value) || Operators.isNull(value)
                ? value
                : null;
    }

    private static Val stronger(Val open, Val value) {
        return Operators.isUnknown(value) || (Operators.isNull(open) && Err.isError(value))
                ? value
                : open;
    }

    private static Val invoke(String function, @Nullable Overload overload, Val[] values) {
        try {
            Val result = overload == null ? null : invoke(overload, values);
            if (result != null) {
                return result;
            }
            if (values.length > 0 && values[0] instanceof Receiver receiver) {
                Val[] rest = java.util.Arrays.copyOfRange(values, 1, values.length);
                return receiver.receive(function, function, rest);
            }
            return Err.newErr(
                    "no such overload: %s.%s",
                    values.length > 0 ? values[0].type().typeName() : "", function);
        } catch (RuntimeException e) {
            return Err.newErr("%s has failed", function);
        }
    }

    private static @Nullable Val invoke(Overload overload, Val[] values) {
        boolean fits =
                overload.operandTrait == null
                        || values.length == 0
                        || values[0].type().hasTrait(overload.operandTrait);
        if (!fits) {
            return null;
        }
        return switch (values.length) {
            case 1 -> overload.unary == null ? null : overload.unary.invoke(values[0]);
            case 2 -> overload.binary == null ? null : overload.binary.invoke(values[0], values[1]);
            default -> overload.function == null ? null : overload.function.invoke(values);
        };
    }
}
