package dev.walmonitor.rule;

import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.NameIterator;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SecretKeys;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * The rules as they are written, with what environment variables and system properties say instead.
 * Immutable and thread-safe.
 *
 * <p>They are mapped a few at a time: for each group the mapping goes through all names that there
 * are, so that to map ten thousand rules in one takes minutes. For the same reason nobody may
 * inject a mapping of {@link RulesConfig#PREFIX}.
 */
public final class RulesText {
    private static final String PREFIX = RulesConfig.PREFIX + ".";
    private static final String VARIABLES = variable(PREFIX);
    private static final int AT_ONCE = 8;

    private final SmallRyeConfig config;
    private final Map<String, Map<String, String>> rules = new TreeMap<>();
    private final Set<String> variables;

    private RulesText(SmallRyeConfig config, Set<String> variables) {
        this.config = config;
        this.variables = variables;
    }

    /**
     * All rules of a configuration.
     *
     * @throws java.util.NoSuchElementException if an expression such as <code>${NAME}</code> cannot
     *     be resolved
     */
    public static RulesText of(SmallRyeConfig config) {
        RulesText text = new RulesText(config, variables(config));
        SecretKeys.doUnlocked(() -> {
            for (String name : config.getPropertyNames()) {
                if (name.startsWith(PREFIX)) {
                    if (!text.put(name, text.rules)) {
                        // says which expression it is that cannot be resolved
                        var _ = config.getValue(name, String.class);
                    }
                }
            }
        });
        return text;
    }

    /** Whether it has a value. */
    private boolean put(String name, Map<String, Map<String, String>> into) {
        @Nullable String value = config.getConfigValue(name).getValue();
        if (value != null) {
            into.computeIfAbsent(rule(name), rule -> new TreeMap<>()).put(name, value);
        }
        return value != null;
    }

    private static String rule(String name) {
        return new NameIterator(name, PREFIX.length() - 1).getNextSegment();
    }

    /** What stands below the rule's name, such as {@code cache.key}; empty if nothing does. */
    private static String key(String name) {
        NameIterator segments = new NameIterator(name, PREFIX.length() - 1);
        segments.next();
        return segments.hasNext() ? name.substring(segments.getPosition() + 1) : "";
    }

    /** Only variables can give a key without saying which rule's it is. */
    private static Set<String> variables(SmallRyeConfig config) {
        Set<String> variables = new TreeSet<>();
        for (ConfigSource source : config.getConfigSources()) {
            if (source instanceof EnvConfigSource) {
                source.getProperties().keySet().stream()
                        .filter(name -> variable(name).startsWith(VARIABLES))
                        .forEach(variables::add);
            }
        }
        return variables;
    }

    /**
     * Every key of every rule as it was written, known or not, such as {@code cache.key} or {@code
     * events[0]}.
     *
     * @param mappings those that know keys: what variables mean is known by them
     */
    public Map<String, Set<String>> written(List<Class<?>> mappings) {
        Map<String, Set<String>> written = new TreeMap<>();
        named(mappings)
                .forEach((rule, properties) -> {
                    Set<String> keys = new TreeSet<>();
                    properties.keySet().forEach(property -> keys.add(unquoted(key(property))));
                    written.put(rule, keys);
                });
        return written;
    }

    /**
     * What a mapping makes of all rules.
     *
     * @param mapping an interface with the prefix {@link RulesConfig#PREFIX}
     * @param rules its map of rules
     */
    public <M, R> Map<String, R> read(Class<M> mapping, Function<M, Map<String, R>> rules) {
        return mapped(named(List.of(mapping)), mapping, rules);
    }

    private static <M, R> Map<String, R> mapped(
            Map<String, Map<String, String>> named,
            Class<M> mapping,
            Function<M, Map<String, R>> rules) {
        Map<String, R> all = new HashMap<>();
        Map<String, String> portion = new HashMap<>();
        int some = 0;
        for (Map<String, String> rule : named.values()) {
            portion.putAll(rule);
            if (++some % AT_ONCE == 0) {
                all.putAll(rules.apply(mapped(portion, mapping)));
                portion.clear();
            }
        }
        all.putAll(rules.apply(mapped(portion, mapping)));
        return Map.copyOf(all);
    }

    private static <M> M mapped(Map<String, String> properties, Class<M> mapping) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(Map.copyOf(properties), "rules", 100))
                .withMapping(mapping)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(mapping);
    }

    /** By rule, with those that only variables give. */
    private Map<String, Map<String, String>> named(List<Class<?>> mappings) {
        if (variables.isEmpty()) {
            return rules;
        }
        Map<String, Map<String, String>> all = new TreeMap<>();
        rules.forEach((rule, properties) -> all.put(rule, new TreeMap<>(properties)));
        SecretKeys.doUnlocked(() -> {
            for (String name : additional(mappings)) {
                var _ = put(name, all);
            }
        });
        return all;
    }

    /** Names that no other place has: of rules that a variable may be about, and of new ones. */
    private Set<String> additional(List<Class<?>> mappings) {
        Set<String> names = new TreeSet<>();
        Map<String, String> about = new HashMap<>();
        List<String> keys = keys(mappings);
        rules.forEach((rule, properties) -> {
            String prefix = prefix(properties.keySet().iterator().next());
            String start = variable(prefix);
            if (variables.stream().anyMatch(v -> variable(v).startsWith(start))) {
                properties.keySet().forEach(property -> about.put(property, "-"));
                keys.forEach(key -> names.add(prefix + key));
            }
        });
        Map<String, String> given = new HashMap<>();
        variables.forEach(variable -> given.put(variable, "-"));
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .withSources(
                                new EnvConfigSource(given, EnvConfigSource.ORDINAL),
                                new PropertiesConfigSource(about, "rules", 100))
                        .withMapping(RuleKeys.Written.class)
                        .withValidateUnknown(false);
        mappings.forEach(builder::withMapping);
        for (String name : builder.build().getPropertyNames()) {
            if (name.startsWith(PREFIX)) {
                names.add(name);
            }
        }
        names.removeAll(about.keySet());
        return names;
    }

    /** YAML puts a key in quotes that was written with a dot, such as {@code retry.backoff: 1s}. */
    private static String unquoted(String key) {
        NameIterator segments = new NameIterator(key);
        if (!key.startsWith("\"")) {
            return key;
        }
        String first = segments.getNextSegment();
        segments.next();
        return segments.hasNext() ? key : first;
    }

    /** As the rule's name is written, with quotes or without. */
    private static String prefix(String property) {
        return property.substring(0, property.length() - key(property).length());
    }

    /** Those that are no list of groups. */
    private static List<String> keys(List<Class<?>> mappings) {
        List<String> keys = new ArrayList<>();
        for (Class<?> mapping : mappings) {
            keys.addAll(
                    ConfigClass.configClass(mapping).getProperties().keySet().stream()
                            .map(property -> property.substring(PREFIX.length() + 2))
                            .filter(key -> key.indexOf('*') < 0)
                            .toList());
        }
        return keys;
    }

    private static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
