package dev.walmonitor.bench.consumer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command line of {@code --name value} and {@code --flag}. */
public final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    public Arguments(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!words[i].startsWith("--")) {
                throw new IllegalArgumentException("Expected an option (--…), got " + words[i]);
            }
            boolean flag = i + 1 == words.length || words[i + 1].startsWith("--");
            values.put(words[i].substring(2), flag ? "" : words[++i]);
        }
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("Expected --" + name + ", which is not given");
        }
        return value;
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    public int number(String name, int otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    /** The first option that is none of those, or null. */
    public @Nullable String unknown(Iterable<String> known) {
        Map<String, String> rest = new HashMap<>(values);
        known.forEach(rest::remove);
        return rest.isEmpty() ? null : "--" + rest.keySet().iterator().next();
    }
}
