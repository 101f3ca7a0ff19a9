package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A line of {@code consumers.conf}, whose head says what it means.
 *
 * @param command words with places such as {@code {port}}
 */
record Consumer(String id, String label, Set<Suite> suites, List<String> command) {

    /** What a consumer can be measured in. */
    enum Suite {
        DRAIN,
        LATENCY,
        /** A drain whose end is the end of the process. */
        EXIT
    }

    static List<Consumer> read(Path file) throws IOException {
        List<Consumer> consumers = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                consumers.add(parse(line));
            }
        }
        return consumers;
    }

    private static Consumer parse(String line) {
        String[] parts = line.split("\\|", 4);
        if (parts.length != 4) {
            throw new IllegalArgumentException(
                    "Expected id | label | suites | command, got " + line);
        }
        Set<Suite> suites =
                Arrays.stream(parts[2].split(","))
                        .map(suite -> Suite.valueOf(suite.strip().toUpperCase(Locale.ROOT)))
                        .collect(Collectors.toSet());
        return new Consumer(
                parts[0].strip(),
                parts[1].strip(),
                suites,
                List.of(parts[3].strip().split("\\s+")));
    }

    boolean drains() {
        return suites.contains(Suite.DRAIN) || suites.contains(Suite.EXIT);
    }

    /** Whether it says nothing and just ends. */
    boolean endsSilently() {
        return suites.contains(Suite.EXIT);
    }

    boolean isTimed() {
        return suites.contains(Suite.LATENCY);
    }

    /** The command with its places filled; a place that is a word of its own may become several. */
    List<String> command(Map<String, List<String>> places) {
        List<String> words = new ArrayList<>();
        for (String word : command) {
            List<String> whole = places.get(word);
            if (whole != null) {
                words.addAll(whole);
            } else {
                String filled = word;
                for (Map.Entry<String, List<String>> place : places.entrySet()) {
                    filled = filled.replace(place.getKey(), String.join(" ", place.getValue()));
                }
                words.add(filled);
            }
        }
        return words;
    }
}
