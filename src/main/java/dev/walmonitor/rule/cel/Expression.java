package dev.walmonitor.rule.cel;

import static org.projectnessie.cel.common.operators.Operator.Add;
import static org.projectnessie.cel.common.operators.Operator.Divide;
import static org.projectnessie.cel.common.operators.Operator.Greater;
import static org.projectnessie.cel.common.operators.Operator.GreaterEquals;
import static org.projectnessie.cel.common.operators.Operator.Less;
import static org.projectnessie.cel.common.operators.Operator.LessEquals;
import static org.projectnessie.cel.common.operators.Operator.Multiply;
import static org.projectnessie.cel.common.operators.Operator.Subtract;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.rule.cel.MalformedExpression.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.Ast;
import org.projectnessie.cel.Env;
import org.projectnessie.cel.Env.AstIssuesTuple;
import org.projectnessie.cel.EnvOption;
import org.projectnessie.cel.checker.Decls;
import org.projectnessie.cel.common.CELError;
import org.projectnessie.cel.common.operators.Operator;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.ref.Val;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Decl;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Type;

/**
 * A condition in CEL: parsed, checked and made ready once, then asked for each change. Immutable
 * and thread-safe; asking never blocks.
 */
public final class Expression {
    private static final Pattern UNDECLARED =
            Pattern.compile("undeclared reference to '([^']*)'.*");
    private static final Pattern LOST =
            Pattern.compile("(?s)found no matching overload for '([^']*)'.*");
    private static final List<String> NAMES =
            List.of("before", "after", "event", "op", "table", "schema", "changed");

    private static final Env ENVIRONMENT = Env.newEnv(EnvOption.declarations(declarations()));

    private final String text;
    private final Node root;
    private final Planner plan;

    private Expression(String text, Node root, Planner plan) {
        this.text = text;
        this.root = root;
        this.plan = plan;
    }

    private static List<Decl> declarations() {
        List<Decl> declarations = new ArrayList<>();
        Type row = Decls.newMapType(Decls.String, Decls.Dyn);
        declarations.add(Decls.newVar("before", row));
        declarations.add(Decls.newVar("after", row));
        for (String name : List.of("event", "op", "table", "schema")) {
            declarations.add(Decls.newVar(name, Decls.String));
        }
        declarations.add(
                Decls.newFunction(
                        "changed",
                        Decls.newOverload("changed_column", List.of(Decls.String), Decls.Bool)));
        for (Operator operator : List.of(Less, LessEquals, Greater, GreaterEquals)) {
            declarations.add(mixed(operator, Decls.Bool));
        }
        for (Operator operator : List.of(Add, Subtract, Multiply, Divide)) {
            declarations.add(mixed(operator, Decls.Double));
        }
        return declarations;
    }

    /** Whole numbers and fractions meet, as {@link Numbers} lets them. */
    private static Decl mixed(Operator operator, Type result) {
        return Decls.newFunction(
                operator.id,
                Decls.newOverload(
                        operator.id + "_int_double", List.of(Decls.Int, Decls.Double), result),
                Decls.newOverload(
                        operator.id + "_double_int", List.of(Decls.Double, Decls.Int), result));
    }

    /** Reads an expression. */
    public static Expression parse(String text) throws MalformedExpression {
        AstIssuesTuple parsed = ENVIRONMENT.parse(text);
        if (parsed.hasIssues()) {
            throw new MalformedExpression(problems(parsed));
        }
        AstIssuesTuple checked = ENVIRONMENT.check(parsed.getAst());
        if (checked.hasIssues()) {
            throw new MalformedExpression(problems(checked));
        }
        Ast ast = checked.getAst();
        Type result = ast.getResultType();
        if (!result.equals(Decls.Bool) && !result.equals(Decls.Dyn)) {
            throw new MalformedExpression(
                    List.of(
                            new Problem(
                                    "it gives " + name(result) + ", not true or false",
                                    "Compare it with something.")));
        }
        Planner planner = new Planner();
        return new Expression(text, planner.root(ast.getExpr()), planner);
    }

    private static String name(Type type) {
        return type.hasPrimitive()
                ? "a value of type "
                        + type.getPrimitive()
                                .name()
                                .replace("INT64", "INT")
                                .toLowerCase(java.util.Locale.ROOT)
                : type.hasListType() ? "a list" : "something";
    }

    private static List<Problem> problems(AstIssuesTuple issues) {
        List<Problem> problems = new ArrayList<>();
        for (CELError error : issues.getIssues().getErrors()) {
            problems.add(problem(error));
        }
        return problems;
    }

    private static Problem problem(CELError error) {
        Matcher undeclared = UNDECLARED.matcher(error.getMessage());
        if (undeclared.matches()) {
            return new Problem(
                    "there is no \"" + undeclared.group(1) + "\"",
                    "It may name " + String.join(", ", NAMES) + ".");
        }
        Matcher lost = LOST.matcher(error.getMessage());
        String message = lost.matches() ? error.getMessage() : firstLine(error.getMessage());
        return new Problem(
                "line "
                        + error.getLocation().line()
                        + ", character "
                        + (error.getLocation().column() + 1)
                        + ": "
                        + message,
                "Correct the expression.");
    }

    private static String firstLine(String message) {
        int end = message.indexOf(" expecting {");
        return end < 0 ? message : message.substring(0, end);
    }

    /** The columns that it reads of the row before the change. */
    public Set<String> before() {
        return plan.before;
    }

    /** The columns that it reads of the row after the change. */
    public Set<String> after() {
        return plan.after;
    }

    /** The columns of which it asks whether they changed. */
    public Set<String> changed() {
        return plan.changed;
    }

    /**
     * Asks.
     *
     * @throws ExpressionException if there is no answer
     */
    public Answer ask(Facts facts) {
        Val answer = root.in(facts, Planner.locals(plan.slotCount()));
        if (answer instanceof BoolT truth) {
            return truth.booleanValue() ? Answer.YES : Answer.NO;
        }
        if (Operators.isNull(answer)) {
            return Answer.NO;
        }
        if (Operators.isUnknown(answer)) {
            return Answer.UNKNOWN;
        }
        throw new ExpressionException(
                Err.isError(answer)
                        ? why(answer)
                        : "it gives a value of type "
                                + answer.type().typeName()
                                + ", not true or false");
    }

    /** Only what shows no value. */
    private static String why(Val error) {
        String message = String.valueOf(error.value());
        for (String harmless :
                List.of(
                        "no such overload",
                        "divide by zero",
                        "modulus by zero",
                        "division by zero",
                        "integer overflow",
                        "not a ")) {
            if (message.contains(harmless)) {
                return message;
            }
        }
        return message.contains("overflow")
                ? "a value is too large"
                : "a value cannot be converted";
    }

    /**
     * What cannot work with the columns' types, found by trying each part with one value of each:
     * an error that hangs on types would come with every value.
     *
     * @param types the OID of a column's type
     */
    public Set<String> misfits(ToIntFunction<String> types) {
        Facts facts = new Example(types);
        Set<String> misfits = new LinkedHashSet<>();
        for (Node trial : plan.trials) {
            @Nullable String misfit = misfit(trial, facts);
            if (misfit != null) {
                misfits.add(misfit);
                break;
            }
        }
        if (misfits.isEmpty()) {
            Val whole = root.in(facts, Planner.locals(plan.slotCount()));
            if (!(whole instanceof BoolT) && !Operators.isNull(whole) && !Err.isError(whole)) {
                misfits.add(
                        "it gives a value of type "
                                + whole.type().typeName()
                                + ", not true or false");
            }
        }
        return misfits;
    }

    private @Nullable String misfit(Node node, Facts facts) {
        Val[] locals = Planner.locals(plan.slotCount());
        if (node instanceof Planner.Equality equality && !equality.makesSense(facts, locals)) {
            return "it asks whether "
                    + equality.left().in(facts, locals).type().typeName()
                    + " and "
                    + equality.right().in(facts, locals).type().typeName()
                    + " are equal, which they never are";
        }
        Val value = node.in(facts, locals);
        if (Err.isError(value) && String.valueOf(value.value()).startsWith("no such overload")) {
            return String.valueOf(value.value());
        }
        return null;
    }

    /** An update of a row that has a value in every column. */
    private record Example(ToIntFunction<String> types) implements Facts {
        @Override
        public String text(Name name) {
            return "x";
        }

        @Override
        public boolean hasRow(boolean before) {
            return true;
        }

        @Override
        public ColumnValue value(boolean before, String column) {
            return Cells.example(type(column));
        }

        @Override
        public int type(String column) {
            return types.applyAsInt(column);
        }

        @Override
        public Answer changed(String column) {
            return Answer.YES;
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
