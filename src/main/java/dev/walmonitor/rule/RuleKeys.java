package dev.walmonitor.rule;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.WithParentName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The keys that a rule may have, and those that somebody wrote but nobody knows. */
public final class RuleKeys {
    private static final Pattern INDEX = Pattern.compile("\\[(\\d+|\\*)]");

    /** Every key of every rule, so that a variable may name an unknown one, and it is told. */
    @ConfigMapping(prefix = RulesConfig.PREFIX)
    interface Written {
        /** By name: keys such as {@code cache.key}, a list's elements as {@code events[0]}. */
        @WithParentName
        Map<String, Map<String, String>> rules();
    }

    private final Set<String> leaves = new TreeSet<>();
    private final Map<String, Set<String>> children = new TreeMap<>();

    /**
     * @param mappings all configuration mappings of {@link RulesConfig#PREFIX} that know keys
     */
    public RuleKeys(List<Class<?>> mappings) {
        String prefix = RulesConfig.PREFIX + ".*.";
        for (Class<?> mapping : mappings) {
            for (String property : ConfigClass.configClass(mapping).getProperties().keySet()) {
                add(INDEX.matcher(property.substring(prefix.length())).replaceAll(""));
            }
        }
    }

    private void add(String leaf) {
        leaves.add(leaf);
        for (String path = leaf; !path.isEmpty(); path = parent(path)) {
            children.computeIfAbsent(parent(path), p -> new TreeSet<>()).add(path);
        }
    }

    /** One fault a key that nobody knows; what stands below an unknown key is not told again. */
    public List<Fault> faults(String rule, Set<String> written) {
        Set<Fault> faults = new LinkedHashSet<>();
        for (String key : new TreeSet<>(written)) {
            String path = INDEX.matcher(key).replaceAll("");
            if (!leaves.contains(path)) {
                faults.add(fault(rule, path));
            }
        }
        return List.copyOf(faults);
    }

    private Fault fault(String rule, String path) {
        Set<String> below = children.get(path);
        if (below != null) {
            return new Fault(
                    rule,
                    "the key \"" + path + "\" has a value of its own;",
                    "it only holds " + String.join(", ", below) + ".");
        }
        String unknown = path;
        while (!children.containsKey(parent(unknown))) {
            unknown = parent(unknown);
        }
        if (leaves.contains(unknown)) {
            return new Fault(
                    rule,
                    "unknown key \"" + path + "\";",
                    "\"" + unknown + "\" has a value and nothing below it.");
        }
        return new Fault(
                rule,
                "unknown key \"" + unknown + "\";",
                Nearest.hint(unknown, children.getOrDefault(parent(unknown), Set.of())));
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }
}
