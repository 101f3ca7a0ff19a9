package dev.walmonitor.admin.command.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Metrics as Prometheus reads them, of which those are kept that the service counts itself.
 *
 * @param all in the order in which they came
 */
record Samples(List<Sample> all) {
    private static final String PREFIX = "wal_monitor_";
    private static final Pattern LINE =
            Pattern.compile("wal_monitor_([a-z_]+)(?:\\{(.*)})? ([^ ]+)(?: .*)?");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /**
     * One figure.
     *
     * @param name without the prefix
     */
    record Sample(String name, Map<String, String> labels, double value) {
        String label(String label) {
            return labels.getOrDefault(label, "-");
        }
    }

    static Samples parse(String text) {
        List<Sample> samples = new ArrayList<>();
        text.lines()
                .filter(line -> line.startsWith(PREFIX))
                .forEach(line -> {
                    Matcher m = LINE.matcher(line);
                    if (m.matches()) {
                        samples.add(new Sample(m.group(1), labels(m.group(2)), number(m.group(3))));
                    }
                });
        return new Samples(samples);
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        if (text != null) {
            Matcher m = LABEL.matcher(text);
            while (m.find()) {
                labels.put(
                        m.group(1),
                        m.group(2)
                                .replace("\\n", "\n")
                                .replace("\\\"", "\"")
                                .replace("\\\\", "\\"));
            }
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    Stream<Sample> named(String name) {
        return all.stream().filter(sample -> sample.name().equals(name));
    }

    /** The sum of those that have the labels; NaN if there is none. */
    double sum(String name, Map<String, String> labels) {
        List<Sample> found =
                named(name)
                        .filter(s -> s.labels().entrySet().containsAll(labels.entrySet()))
                        .filter(s -> !Double.isNaN(s.value()))
                        .toList();
        return found.isEmpty() ? Double.NaN : found.stream().mapToDouble(Sample::value).sum();
    }

    /** The values of a label, sorted. */
    TreeSet<String> values(String name, String label) {
        TreeSet<String> values = new TreeSet<>();
        named(name).map(s -> s.label(label)).forEach(values::add);
        return values;
    }
}
