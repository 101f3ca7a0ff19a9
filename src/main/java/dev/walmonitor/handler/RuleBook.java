package dev.walmonitor.handler;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.JavaHandlers.JavaHandler;
import dev.walmonitor.rule.Condition;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.rule.cel.Answer;
import dev.walmonitor.rule.cel.ExpressionException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All rules: those of the configuration and the Java handlers. What is wrong with them is told at
 * once and whole, before anything starts. Immutable.
 */
public final class RuleBook {

    /** What the action that keeps changes is called in a {@link Rule}. */
    public static final String ARCHIVE = "archive";

    /** What the action {@code java} is called in a {@link Rule}. */
    public static final String JAVA = "java";

    /** A question to the database each. */
    private static final int CHECKS_AT_ONCE = 16;

    private final Map<String, ActionFactory> actions = new LinkedHashMap<>();
    private final Map<Rule, JavaHandler> java = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Guard conditions;
    private final RuleReader reader;
    private final Set<String> names = new TreeSet<>();

    /**
     * Reads the rules.
     *
     * @param handlers the Java handlers; they listen to the reader's default source
     */
    RuleBook(
            RuleReader reader,
            Collection<ActionFactory> factories,
            List<JavaHandler> handlers,
            Guard conditions) {
        this.conditions = conditions;
        this.reader = reader;
        factories.forEach(f -> actions.put(f.action(), f));
        RuleReader.Rules read = reader.read(factories);
        rules.addAll(read.rules());
        faults.addAll(read.faults());
        names.addAll(read.names());
        for (JavaHandler handler : handlers) {
            if (!names.add(handler.name())) {
                faults.add(
                        new Fault(
                                handler.name(),
                                "there are two rules of this name, one of them a class with"
                                        + " @OnChange.",
                                "Give one another name."));
            }
            reader.rule(handler, faults)
                    .ifPresent(rule -> {
                        rules.add(rule);
                        java.put(rule, handler);
                    });
        }
    }

    /** The rules that can be read; whether they can work, {@link #check} says. */
    public List<Rule> rules() {
        return List.copyOf(rules);
    }

    /** The rule that a handler is which is registered later. */
    Optional<Rule> ruleOf(JavaHandler handler, List<Fault> faults) {
        return reader.rule(handler, faults);
    }

    /** The names of all rules, readable or not. */
    Set<String> names() {
        return Set.copyOf(names);
    }

    /** The rules that listen to a source. */
    public List<Rule> rules(String source) {
        return rules.stream().filter(rule -> rule.source().equals(source)).toList();
    }

    /**
     * Whether a rule archives changes of a table.
     *
     * @param table null for any of the source
     */
    public boolean archives(String source, @Nullable TableName table) {
        return rules.stream()
                .anyMatch(rule ->
                        rule.source().equals(source)
                                && rule.action().equals(ARCHIVE)
                                && (table == null || rule.filter().matches(table)));
    }

    /**
     * Every fault of every rule of a source, and of those that cannot be read whatever their
     * source. Never fails.
     *
     * @param tables all that the source's database has
     */
    public Uni<List<Fault>> check(String source, List<Relation> tables) {
        Tables known = new Tables(tables);
        return Multi.createFrom()
                .iterable(rules(source))
                .onItem()
                .transformToUni(rule -> check(rule, known).map(found -> Map.entry(rule, found)))
                .merge(CHECKS_AT_ONCE)
                .collect()
                .asMap(Map.Entry::getKey, Map.Entry::getValue)
                .map(found -> inOrder(source, found));
    }

    private List<Fault> inOrder(String source, Map<Rule, List<Fault>> found) {
        List<Fault> all = new ArrayList<>(faults);
        rules(source).forEach(rule -> all.addAll(found.getOrDefault(rule, List.of())));
        return List.copyOf(all);
    }

    /** What is wrong with the rules whatever the tables; {@link #check} tells it too. */
    public List<Fault> faults() {
        return List.copyOf(faults);
    }

    private Uni<List<Fault>> check(Rule rule, Tables tables) {
        List<Relation> matching = tables.of(rule.filter());
        List<Fault> found = new ArrayList<>(unknownTables(rule, tables));
        found.addAll(unknownChanges(rule, matching));
        found.addAll(rule.conditionFaults(matching));
        ActionFactory action = actions.get(rule.action());
        return action == null
                ? Uni.createFrom().item(found)
                : action.check(rule, matching)
                        .onFailure()
                        .recoverWithItem(failure -> List.of(uncheckable(rule, failure)))
                        .invoke(found::addAll)
                        .replaceWith(found);
    }

    /** Only of an UPDATE is it asked whether a column changed. */
    private static List<Fault> unknownChanges(Rule rule, List<Relation> tables) {
        Set<Operation> events = EnumSet.noneOf(Operation.class);
        if (rule.filter().events().contains(Operation.UPDATE)) {
            events.add(Operation.UPDATE);
        }
        return new Needs(Set.of(), rule.filter().changed()).faults(rule.name(), events, tables);
    }

    private static Fault uncheckable(Rule rule, Throwable failure) {
        return new Fault(
                rule.name(), "it cannot be checked:", String.valueOf(failure.getMessage()));
    }

    private static List<Fault> unknownTables(Rule rule, Tables tables) {
        List<Fault> found = new ArrayList<>();
        for (TablePattern pattern : rule.filter().tables()) {
            if (!pattern.isGlob() && !tables.has(pattern.name())) {
                found.add(
                        new Fault(
                                rule.name(),
                                "there is no table " + pattern + ";",
                                tables.nearest(pattern.name())
                                        .map(name -> "did you mean " + name + "?")
                                        .orElse("create it, or correct the rule.")));
            }
        }
        return found;
    }

    /**
     * What does the work of a rule of this book.
     *
     * @throws IllegalArgumentException if the rule is of another book
     */
    public ChangeHandler handler(Rule rule) {
        JavaHandler handler = java.get(rule);
        if (handler != null) {
            return handler.handler().get();
        }
        ActionFactory action = actions.get(rule.action());
        if (action == null) {
            throw new IllegalArgumentException(
                    "Expected a rule of this book, got \"" + rule.name() + "\"");
        }
        return conditions.before(rule, action.create(rule));
    }

    /** Why a change is not the rule's business, a sentence each; empty if it is, or may be. */
    public List<String> refusals(Rule rule, RowChange change) {
        List<String> refusals = new ArrayList<>();
        if (!rule.filter().matches(change.table())) {
            refusals.add("it is not about table " + change.table() + ".");
        }
        if (!rule.filter().events().contains(change.operation())) {
            refusals.add("it does not listen to " + change.operation() + ".");
        }
        if (refusals.isEmpty() && !rule.accepts(change)) {
            refusals.add(
                    "none of "
                            + String.join(", ", new TreeSet<>(rule.filter().changed()))
                            + " changed.");
        }
        if (refusals.isEmpty() && rule.when().isPresent()) {
            refused(rule.when().get(), change).ifPresent(refusals::add);
        }
        return refusals;
    }

    private static Optional<String> refused(Condition when, RowChange change) {
        try {
            return when.of(change) == Answer.NO
                    ? Optional.of("its condition is not true: " + when)
                    : Optional.empty();
        } catch (ExpressionException | IllegalArgumentException e) {
            return Optional.of("its condition has no answer, " + e.getMessage() + ": " + when);
        }
    }

    /**
     * Of a rule whose condition refuses the change, the parts of the condition that are not true
     * for it; else empty.
     */
    public List<String> untrue(Rule rule, RowChange change) {
        boolean refused =
                rule.when().flatMap(when -> refused(when, change)).isPresent()
                        && rule.filter().matches(change.table())
                        && rule.filter().events().contains(change.operation())
                        && rule.accepts(change);
        return refused ? rule.when().orElseThrow().untrue(change) : List.of();
    }

    /** How sure it is that a change which nothing refuses is the rule's business. */
    public String match(Rule rule, RowChange change) {
        boolean known = rule.when().map(when -> when.of(change) == Answer.YES).orElse(true);
        return known
                ? "matches."
                : "matches if its condition does, which hangs on a value that was not sent; the service would read the"
                        + " row.";
    }

    /** What a rule of this book would do about a change, one sentence an effect. */
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        ActionFactory action = actions.get(rule.action());
        return action == null
                ? Uni.createFrom().item(List.of("would call the class " + rule.name() + "."))
                : action.preview(rule, change);
    }
}
