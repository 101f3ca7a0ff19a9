package dev.walmonitor.handler;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.JavaHandlers.JavaHandler;
import dev.walmonitor.rule.Condition;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RuleKeys;
import dev.walmonitor.rule.RulesConfig;
import dev.walmonitor.rule.RulesConfig.RuleConfig;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.rule.cel.MalformedExpression;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Makes rules of the configuration's words, as far as that needs no database. */
final class RuleReader {

    /**
     * What was read.
     *
     * @param names of all rules, readable or not
     */
    record Rules(Set<String> names, List<Rule> rules, List<Fault> faults) {}

    private static final String MAIN = "main";

    private final RulesText text;
    private final Map<String, RuleConfig> config;
    private final Set<String> sources;

    /**
     * @param sources the names of the configured sources
     */
    RuleReader(RulesText text, Set<String> sources) {
        this.text = text;
        this.config = text.read(RulesConfig.class, RulesConfig::rules);
        this.sources = new TreeSet<>(sources);
    }

    Rules read(Collection<ActionFactory> factories) {
        List<Class<?>> mappings = mappings(factories);
        Map<String, Set<String>> written = text.written(mappings);
        Set<String> names = new TreeSet<>(written.keySet());
        List<Rule> rules = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        RuleKeys keys = new RuleKeys(mappings);
        List<String> actions = factories.stream().map(ActionFactory::action).sorted().toList();
        for (String name : names) {
            Set<String> own = written.getOrDefault(name, Set.of());
            faults.addAll(keys.faults(name, own));
            rule(name, own, actions, faults).ifPresent(rules::add);
        }
        return new Rules(names, rules, faults);
    }

    private static List<Class<?>> mappings(Collection<ActionFactory> factories) {
        return Stream.concat(
                        Stream.<Class<?>>of(RulesConfig.class),
                        factories.stream().map(ActionFactory::settings))
                .toList();
    }

    private Optional<Rule> rule(
            String name, Set<String> own, List<String> actions, List<Fault> faults) {
        int before = faults.size();
        Optional<RuleConfig> rule = Optional.ofNullable(config.get(name));
        String action = action(name, own, actions, faults);
        List<TablePattern> tables =
                tables(name, rule.flatMap(RuleConfig::tables).orElse(List.of()), faults);
        Set<Operation> events = events(name, rule.flatMap(RuleConfig::events), faults);
        Set<String> changed = Set.copyOf(rule.flatMap(RuleConfig::changed).orElse(List.of()));
        String source = source(name, rule.flatMap(RuleConfig::source), faults);
        Rule.Retry retry = retry(name, rule, faults);
        boolean paused = isPaused(name, rule.flatMap(RuleConfig::paused), faults);
        Optional<Condition> when =
                rule.flatMap(RuleConfig::when).flatMap(text -> condition(name, text, faults));
        Rule.Order order =
                rule.flatMap(RuleConfig::order)
                        .map(word -> order(name, word, faults))
                        .orElse(Rule.Order.KEY);
        Filter filter = new Filter(tables, events, changed);
        return faults.size() > before
                ? Optional.empty()
                : Optional.of(new Rule(name, action, source, filter, retry, when, order, paused));
    }

    private static Optional<Condition> condition(String rule, String text, List<Fault> faults) {
        try {
            return Optional.of(Condition.parse(text));
        } catch (MalformedExpression e) {
            for (MalformedExpression.Problem problem : e.problems()) {
                faults.add(
                        new Fault(
                                rule,
                                "when cannot be used: " + problem.what() + ".",
                                problem.fix()));
            }
            return Optional.empty();
        }
    }

    private static Rule.Order order(String rule, String word, List<Fault> faults) {
        try {
            return Rule.Order.valueOf(word.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            faults.add(
                    new Fault(
                            rule,
                            "there is no order \"" + word + "\";",
                            Nearest.hint(word, List.of("key", "table", "none"))));
            return Rule.Order.KEY;
        }
    }

    /** The rule that a Java handler is. */
    Optional<Rule> rule(JavaHandler handler, List<Fault> faults) {
        int before = faults.size();
        List<TablePattern> tables = tables(handler.name(), handler.tables(), faults);
        String source = source(handler.name(), Optional.empty(), faults);
        return faults.size() > before
                ? Optional.empty()
                : Optional.of(
                        new Rule(
                                handler.name(),
                                RuleBook.JAVA,
                                source,
                                new Filter(tables, handler.events()),
                                Rule.Retry.DEFAULT));
    }

    private static String action(
            String rule, Set<String> own, List<String> actions, List<Fault> faults) {
        List<String> has =
                actions.stream()
                        .filter(a ->
                                own.stream().anyMatch(k -> k.equals(a) || k.startsWith(a + ".")))
                        .toList();
        if (has.size() == 1) {
            return has.getFirst();
        }
        faults.add(
                has.isEmpty()
                        ? new Fault(
                                rule,
                                "it has no action;",
                                "give it one of " + String.join(", ", actions) + ".")
                        : new Fault(
                                rule,
                                "it has "
                                        + has.size()
                                        + " actions, "
                                        + String.join(" and ", has)
                                        + ";",
                                "make a rule of each."));
        return "";
    }

    private static List<TablePattern> tables(String rule, List<String> texts, List<Fault> faults) {
        List<TablePattern> patterns = new ArrayList<>();
        for (String text : texts) {
            try {
                patterns.add(TablePattern.parse(text));
            } catch (IllegalArgumentException e) {
                faults.add(new Fault(rule, e.getMessage() + ".", "Correct its tables."));
            }
        }
        if (texts.isEmpty()) {
            faults.add(
                    new Fault(
                            rule,
                            "it names no tables;",
                            "add for example tables: public.roles, or a list."));
        }
        return patterns;
    }

    private static Set<Operation> events(
            String rule, Optional<List<String>> texts, List<Fault> faults) {
        if (texts.isEmpty()) {
            return EnumSet.allOf(Operation.class);
        }
        Set<Operation> events = EnumSet.noneOf(Operation.class);
        for (String text : texts.get()) {
            try {
                events.add(Operation.valueOf(text.strip().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                List<String> known =
                        Arrays.stream(Operation.values())
                                .map(o -> o.name().toLowerCase(Locale.ROOT))
                                .toList();
                faults.add(
                        new Fault(
                                rule,
                                "there is no event \"" + text + "\";",
                                Nearest.hint(text, known)));
            }
        }
        return events;
    }

    private String source(String rule, Optional<String> named, List<Fault> faults) {
        String source = named.orElseGet(this::defaultSource);
        if (!sources.contains(source) && !(sources.isEmpty() && source.equals(MAIN))) {
            faults.add(
                    new Fault(
                            rule,
                            "there is no source \"" + source + "\";",
                            Nearest.hint(source, sources)));
        }
        return source;
    }

    private String defaultSource() {
        return sources.size() == 1 ? sources.iterator().next() : MAIN;
    }

    private static Rule.Retry retry(String name, Optional<RuleConfig> rule, List<Fault> faults) {
        Rule.Retry by = Rule.Retry.DEFAULT;
        Optional<RulesConfig.RetryConfig> retry = rule.flatMap(RuleConfig::retry);
        return new Rule.Retry(
                duration(
                        name,
                        "retry.backoff",
                        retry.flatMap(RulesConfig.RetryConfig::backoff),
                        by.backoff(),
                        faults),
                duration(
                        name,
                        "retry.max-backoff",
                        retry.flatMap(RulesConfig.RetryConfig::maxBackoff),
                        by.maxBackoff(),
                        faults),
                retry.flatMap(RulesConfig.RetryConfig::maxAttempts)
                        .map(text -> attempts(name, text, faults))
                        .orElse(by.maxAttempts()),
                rule.flatMap(RuleConfig::onExhausted)
                        .map(word -> exhausted(name, word, faults))
                        .orElse(by.exhausted()));
    }

    private static int attempts(String rule, String text, List<Fault> faults) {
        try {
            int attempts = Integer.parseInt(text.strip());
            if (attempts > 0) {
                return attempts;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        faults.add(
                new Fault(
                        rule,
                        "retry.max-attempts is no number of attempts: \"" + text + "\".",
                        "Write 1 or more, or leave it out to try without end."));
        return 0;
    }

    private static Rule.Exhausted exhausted(String rule, String word, List<Fault> faults) {
        for (Rule.Exhausted each : Rule.Exhausted.values()) {
            if (each.name().replace('_', '-').equalsIgnoreCase(word.strip())) {
                return each;
            }
        }
        faults.add(
                new Fault(
                        rule,
                        "there is no on-exhausted \"" + word + "\";",
                        Nearest.hint(word, List.of("dead-letter", "stop", "drop"))));
        return Rule.Exhausted.DEAD_LETTER;
    }

    private static boolean isPaused(String rule, Optional<String> text, List<Fault> faults) {
        String word = text.map(String::strip).orElse("false");
        if (!word.equals("true") && !word.equals("false")) {
            faults.add(
                    new Fault(
                            rule,
                            "paused is neither true nor false: \"" + word + "\".",
                            "Write paused: true, or leave it out."));
        }
        return word.equals("true");
    }

    private static Duration duration(
            String rule, String key, Optional<String> text, Duration by, List<Fault> faults) {
        try {
            return text.map(DurationConverter::parseDuration).orElse(by);
        } catch (IllegalArgumentException e) {
            faults.add(
                    new Fault(
                            rule,
                            key + " is no duration: \"" + text.orElse("") + "\".",
                            "Write one such as 500ms, 30s or 24h."));
            return by;
        }
    }
}
