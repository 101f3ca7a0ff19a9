package dev.walmonitor.rule.cel;

import dev.walmonitor.rule.cel.MalformedExpression.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.common.operators.Operator;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.DoubleT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.IntT;
import org.projectnessie.cel.common.types.IteratorT;
import org.projectnessie.cel.common.types.ListT;
import org.projectnessie.cel.common.types.StringT;
import org.projectnessie.cel.common.types.UintT;
import org.projectnessie.cel.common.types.pb.DefaultTypeAdapter;
import org.projectnessie.cel.common.types.ref.Val;
import org.projectnessie.cel.common.types.traits.Indexer;
import org.projectnessie.cel.common.types.traits.Lister;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Constant;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Expr;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Expr.Call;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Expr.Comprehension;

/**
 * Makes nodes of a parsed and checked expression: the library's values and functions, joined by our
 * own operators, which know of NULL, of what is absent, and of decimals.
 */
final class Planner {

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        private Refused(String what, String fix) {
            super(what, null, false, false);
            this.problem = new Problem(what, fix);
        }
    }

    final Set<String> before = new TreeSet<>();
    final Set<String> after = new TreeSet<>();
    final Set<String> changed = new TreeSet<>();

    /** The nodes outside of loops, each after its parts: they can be tried alone. */
    final List<Node> trials = new ArrayList<>();

    private final Map<String, Integer> slots = new HashMap<>();
    private int loops;
    private int slotCount;

    int slotCount() {
        return slotCount;
    }

    Node root(Expr expression) throws MalformedExpression {
        try {
            return plan(expression);
        } catch (Refused refused) {
            throw new MalformedExpression(List.of(refused.problem));
        }
    }

    private Node plan(Expr e) {
        Node node =
                switch (e.getExprKindCase()) {
                    case CONST_EXPR -> constant(e.getConstExpr());
                    case IDENT_EXPR -> name(e.getIdentExpr().getName());
                    case SELECT_EXPR -> select(e.getSelectExpr());
                    case CALL_EXPR -> call(e.getCallExpr());
                    case LIST_EXPR -> list(e.getListExpr().getElementsList());
                    case COMPREHENSION_EXPR -> loop(e.getComprehensionExpr());
                    case STRUCT_EXPR, EXPRKIND_NOT_SET ->
                            throw new Refused("it makes a map", "Write it without.");
                };
        if (loops == 0) {
            trials.add(node);
        }
        return node;
    }

    private static Node constant(Constant constant) {
        Val value =
                switch (constant.getConstantKindCase()) {
                    case BOOL_VALUE -> constant.getBoolValue() ? BoolT.True : BoolT.False;
                    case INT64_VALUE -> IntT.intOf(constant.getInt64Value());
                    case UINT64_VALUE -> UintT.uintOf(constant.getUint64Value());
                    case DOUBLE_VALUE -> DoubleT.doubleOf(constant.getDoubleValue());
                    case STRING_VALUE -> StringT.stringOf(constant.getStringValue());
                    case NULL_VALUE -> Cells.NULL;
                    case BYTES_VALUE, DURATION_VALUE, TIMESTAMP_VALUE, CONSTANTKIND_NOT_SET ->
                            throw new Refused(
                                    "it has a literal of bytes",
                                    "A column of type bytea is text such as \"\\\\x00ff\".");
                };
        return new Literal(value);
    }

    private record Literal(Val value) implements Node {
        @Override
        public Val in(Facts facts, Val[] locals) {
            return value;
        }
    }

    private Node name(String name) {
        Integer slot = slots.get(name);
        if (slot != null) {
            int place = slot;
            return (facts, locals) -> locals[place];
        }
        return switch (name) {
            case "before", "after" -> {
                boolean old = name.equals("before");
                yield (facts, locals) ->
                        facts.hasRow(old) ? StringT.stringOf("(a row)") : Cells.NULL;
            }
            case "event" -> text(Facts.Name.EVENT);
            case "op" -> text(Facts.Name.OP);
            case "table" -> text(Facts.Name.TABLE);
            case "schema" -> text(Facts.Name.SCHEMA);
            default -> throw new Refused("there is no \"" + name + "\"", "Leave it out.");
        };
    }

    private static Node text(Facts.Name name) {
        return (facts, locals) -> StringT.stringOf(facts.text(name));
    }

    private Node select(Expr.Select select) {
        if (!isRow(select.getOperand())) {
            throw new Refused(
                    "\"." + select.getField() + "\" stands behind something that is no row",
                    "Columns are read as before.name or after.name.");
        }
        Node column = column(select.getOperand(), select.getField());
        return select.getTestOnly() ? isThere(column) : column;
    }

    /** {@code has(after.x)}: whether it is not NULL. */
    private static Node isThere(Node column) {
        return (facts, locals) -> {
            Val value = column.in(facts, locals);
            return Operators.isUnknown(value) || Err.isError(value)
                    ? value
                    : Operators.isNull(value) ? BoolT.False : BoolT.True;
        };
    }

    private boolean isRow(Expr e) {
        String name = e.getIdentExpr().getName();
        return (name.equals("before") || name.equals("after")) && !slots.containsKey(name);
    }

    private Node column(Expr row, String column) {
        boolean old = row.getIdentExpr().getName().equals("before");
        (old ? before : after).add(column);
        return (facts, locals) -> Cells.of(facts.value(old, column), facts.type(column));
    }

    private Node list(List<Expr> elements) {
        List<Node> nodes = elements.stream().map(this::plan).toList();
        if (nodes.stream().allMatch(Literal.class::isInstance)) {
            return new Literal(
                    listOf(nodes.stream().map(n -> ((Literal) n).value()).toArray(Val[]::new)));
        }
        return (facts, locals) -> {
            Val[] values = new Val[nodes.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = nodes.get(i).in(facts, locals);
            }
            return listOf(values);
        };
    }

    private static Val listOf(Val[] values) {
        return ListT.newValArrayList(DefaultTypeAdapter.Instance, values);
    }

    /** Such as {@code [1, 2].exists(x, x == after.n)}: the library has written it out as a loop. */
    private Node loop(Comprehension loop) {
        Node range = plan(loop.getIterRange());
        Node start = plan(loop.getAccuInit());
        loops++;
        int accumulator = slotCount++;
        int element = slotCount++;
        Integer hiddenAccumulator = slots.put(loop.getAccuVar(), accumulator);
        Integer hiddenElement = slots.put(loop.getIterVar(), element);
        Node condition = plan(loop.getLoopCondition());
        Node step = plan(loop.getLoopStep());
        Node result = plan(loop.getResult());
        restore(loop.getIterVar(), hiddenElement);
        restore(loop.getAccuVar(), hiddenAccumulator);
        loops--;
        return (facts, locals) -> {
            Val over = range.in(facts, locals);
            if (!(over instanceof Lister list)) {
                return Operators.isUnknown(over) || Operators.isNull(over) || Err.isError(over)
                        ? over
                        : Err.newErr("no such overload: a loop over %s", over.type().typeName());
            }
            locals[accumulator] = start.in(facts, locals);
            IteratorT elements = list.iterator();
            while (Operators.isTrue(elements.hasNext())) {
                locals[element] = elements.next();
                if (Operators.isFalse(condition.in(facts, locals))) {
                    break;
                }
                locals[accumulator] = step.in(facts, locals);
            }
            return result.in(facts, locals);
        };
    }

    private void restore(String name, @Nullable Integer slot) {
        if (slot == null) {
            slots.remove(name);
        } else {
            slots.put(name, slot);
        }
    }

    private Node call(Call call) {
        String function = call.getFunction();
        Operator operator = Operator.byId(function);
        if (operator != null) {
            return operator(operator, call.getArgsList());
        }
        if (function.equals("changed")) {
            return changed(call.getArgsList());
        }
        List<Node> arguments = new ArrayList<>();
        if (call.hasTarget()) {
            arguments.add(plan(call.getTarget()));
        }
        call.getArgsList().forEach(argument -> arguments.add(plan(argument)));
        return function.equals("matches") && arguments.getLast() instanceof Literal pattern
                ? matches(arguments.getFirst(), String.valueOf(pattern.value().value()))
                : Functions.node(function, arguments);
    }

    private Node operator(Operator operator, List<Expr> arguments) {
        return switch (operator) {
            case LogicalAnd -> and(plan(arguments.get(0)), plan(arguments.get(1)));
            case LogicalOr -> or(plan(arguments.get(0)), plan(arguments.get(1)));
            case LogicalNot -> {
                Node a = plan(arguments.get(0));
                yield (facts, locals) -> Operators.not(a.in(facts, locals));
            }
            case Conditional -> conditional(arguments.stream().map(this::plan).toList());
            case Equals -> equality(arguments, false);
            case NotEquals -> equality(arguments, true);
            case Less, LessEquals, Greater, GreaterEquals -> {
                Node a = plan(arguments.get(0));
                Node b = plan(arguments.get(1));
                yield (facts, locals) ->
                        Operators.compare(operator, a.in(facts, locals), b.in(facts, locals));
            }
            case Add, Subtract, Multiply, Divide, Modulo -> {
                Node a = plan(arguments.get(0));
                Node b = plan(arguments.get(1));
                yield (facts, locals) ->
                        Operators.calculate(operator, a.in(facts, locals), b.in(facts, locals));
            }
            case Negate -> {
                Node a = plan(arguments.get(0));
                yield (facts, locals) -> Operators.negate(a.in(facts, locals));
            }
            case In, OldIn -> {
                Node a = plan(arguments.get(0));
                Node b = plan(arguments.get(1));
                yield (facts, locals) -> Operators.in(a.in(facts, locals), b.in(facts, locals));
            }
            case Index -> index(arguments.get(0), arguments.get(1));
            case NotStrictlyFalse, OldNotStrictlyFalse -> {
                Node a = plan(arguments.get(0));
                yield (facts, locals) ->
                        Operators.isFalse(a.in(facts, locals)) ? BoolT.False : BoolT.True;
            }
            case Has, All, Exists, ExistsOne, Map, Filter ->
                    throw new Refused(
                            "\"" + operator.id + "\" is not used as it should be",
                            "Write for example has(after.name), or [1, 2].exists(x, x == after.id).");
        };
    }

    private static Node and(Node left, Node right) {
        return (facts, locals) -> {
            Val a = left.in(facts, locals);
            return Operators.isFalse(a) ? a : Operators.and(a, right.in(facts, locals));
        };
    }

    private static Node or(Node left, Node right) {
        return (facts, locals) -> {
            Val a = left.in(facts, locals);
            return Operators.isTrue(a) ? a : Operators.or(a, right.in(facts, locals));
        };
    }

    private static Node conditional(List<Node> parts) {
        Node condition = parts.get(0);
        return (facts, locals) -> {
            Val answer = condition.in(facts, locals);
            if (answer instanceof BoolT || Operators.isNull(answer)) {
                return parts.get(Operators.isTrue(answer) ? 1 : 2).in(facts, locals);
            }
            return Operators.isUnknown(answer) || Err.isError(answer)
                    ? answer
                    : Err.newErr("no such overload: %s ? … : …", answer.type().typeName());
        };
    }

    private Node equality(List<Expr> arguments, boolean negated) {
        return new Equality(plan(arguments.get(0)), plan(arguments.get(1)), negated);
    }

    /** Kept apart, as it is asked at the start whether it makes sense. */
    record Equality(Node left, Node right, boolean negated) implements Node {
        @Override
        public Val in(Facts facts, Val[] locals) {
            Val same = Operators.equal(left.in(facts, locals), right.in(facts, locals));
            return negated ? Operators.not(same) : same;
        }

        boolean makesSense(Facts facts, Val[] locals) {
            return Operators.areAlike(left.in(facts, locals), right.in(facts, locals));
        }
    }

    private Node index(Expr of, Expr by) {
        if (isRow(of)) {
            if (!by.hasConstExpr() || !by.getConstExpr().hasStringValue()) {
                throw new Refused(
                        "a column is chosen by something that is not its name",
                        "Write for example after[\"first name\"].");
            }
            return column(of, by.getConstExpr().getStringValue());
        }
        Node list = plan(of);
        Node place = plan(by);
        return (facts, locals) -> {
            Val a = list.in(facts, locals);
            Val b = place.in(facts, locals);
            Val undecided = Operators.undecided(a, b);
            if (undecided != null) {
                return undecided;
            }
            return Operators.isNull(a) || Operators.isNull(b)
                    ? Cells.NULL
                    : a instanceof Indexer indexer
                            ? indexer.get(b)
                            : Err.noSuchOverload(a, "[]", b);
        };
    }

    private Node changed(List<Expr> arguments) {
        Expr argument = arguments.getFirst();
        if (!argument.hasConstExpr() || !argument.getConstExpr().hasStringValue()) {
            throw new Refused(
                    "changed is asked of something that is not a column's name",
                    "Write for example changed(\"price\").");
        }
        String column = argument.getConstExpr().getStringValue();
        changed.add(column);
        return (facts, locals) ->
                switch (facts.changed(column)) {
                    case YES -> BoolT.True;
                    case NO -> BoolT.False;
                    case UNKNOWN -> Cells.UNKNOWN;
                };
    }

    /** A pattern that is the same for every change is read once. */
    private static Node matches(Node text, String pattern) {
        Pattern compiled;
        try {
            compiled = Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new Refused(
                    "the pattern \"" + pattern + "\" cannot be read: " + e.getDescription(),
                    "Correct it.");
        }
        return (facts, locals) -> {
            Val value = text.in(facts, locals);
            return switch (value) {
                case StringT string ->
                        compiled.matcher((String) string.value()).find() ? BoolT.True : BoolT.False;
                default ->
                        Operators.isUnknown(value) || Operators.isNull(value) || Err.isError(value)
                                ? value
                                : Err.newErr(
                                        "no such overload: %s.matches", value.type().typeName());
            };
        };
    }

    static Val[] locals(int count) {
        Val[] locals = new Val[count];
        Arrays.fill(locals, Cells.NULL);
        return locals;
    }
}
