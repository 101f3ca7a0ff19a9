package dev.walmonitor.bench;

import dev.walmonitor.bench.Results.Line;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Medians of the runs, in Markdown. */
final class Report {
    /** Those that the others are compared with. */
    private static final List<String> BASES = List.of("L", "F", "J", "Dt");

    private final Results results;
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    Report(Results results, List<Consumer> consumers) {
        this.results = results;
        consumers.forEach(consumer -> labels.put(consumer.id(), consumer.label()));
        labels.put(RedisLatency.ID, RedisLatency.LABEL);
    }

    String write(String machine, String server) throws IOException {
        add(
                "# Results%n%n%s; PostgreSQL %s, on the same machine as the consumers. Medians; least and most in",
                machine, server);
        add(" brackets. [How it is measured](../../docs/performance.md)%n");
        List<Line> drain = results.read(Drain.SUITE);
        for (Workload workload : Workload.values()) {
            drained(workload, having(drain, "workload", workload.name()));
        }
        List<Line> latency = new ArrayList<>(results.read(Latencies.SUITE));
        latency.addAll(results.read(RedisLatency.ID));
        latency.stream()
                .map(line -> line.text("rate"))
                .distinct()
                .sorted()
                .forEach(rate -> late(rate, having(latency, "rate", rate)));
        text.append(new StandingCosts(results).tables());
        return text.toString();
    }

    private void drained(Workload workload, List<Line> lines) {
        if (lines.isEmpty()) {
            return;
        }
        add("%n## %s: %,.0f %s%n%n", workload, lines.getFirst().number("rows"), workload.what());
        add("| consumer | runs | seconds | rows/s |");
        BASES.forEach(base -> add(" × %s |", base));
        add(
                " CPU µs/row | from its start | sender's | peak RSS MB |%n|---|--:|--:|--:|%s--:|--:|--:|--:|%n",
                "--:|".repeat(BASES.size()));
        for (String consumer : labels.keySet()) {
            List<Line> runs = having(lines, "consumer", consumer);
            if (!runs.isEmpty()) {
                drained(consumer, runs, lines);
            }
        }
    }

    private void drained(String consumer, List<Line> runs, List<Line> all) {
        double seconds = median(runs, line -> line.number("seconds"));
        double[] spread =
                runs.stream().mapToDouble(line -> line.number("seconds")).sorted().toArray();
        add("| **%s** %s | %d |", consumer, labels.get(consumer), runs.size());
        add(
                " %.2f (%.2f–%.2f) | %,.0f |",
                seconds,
                spread[0],
                spread[spread.length - 1],
                runs.getFirst().number("rows") / seconds);
        for (String base : BASES) {
            List<Line> other = having(all, "consumer", base);
            add(
                    other.isEmpty() ? " – |" : " %.2f |",
                    median(other, line -> line.number("seconds")) / seconds);
        }
        add(
                " %.2f | %.2f | %.2f | %.0f |%n",
                median(runs, line -> line.number("cpu") / line.number("rows") * 1e6),
                median(runs, line -> line.number("cpu_total") / line.number("rows") * 1e6),
                median(runs, line -> line.number("sender_cpu") / line.number("rows") * 1e6),
                median(runs, line -> line.number("memory_kb") / 1024));
    }

    private void late(String rate, List<Line> lines) {
        add("%n## %s single-row transactions a second, µs from the commit%n%n", rate);
        add(
                "| consumer | runs | rows/s | p50 | p95 | p99 | p99.9 | most | p50 × J | p99 × J | cores | peak RSS MB |%n");
        add("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|%n");
        List<Line> base = having(lines, "consumer", "J");
        for (String consumer : labels.keySet()) {
            List<Line> runs = having(lines, "consumer", consumer);
            if (!runs.isEmpty()) {
                late(consumer, runs, base);
            }
        }
    }

    private void late(String consumer, List<Line> runs, List<Line> base) {
        add("| **%s** %s | %d |", consumer, labels.get(consumer), runs.size());
        for (String column : List.of("rows_a_second", "p50", "p95", "p99", "p999", "most")) {
            add(" %,.0f |", median(runs, line -> line.number(column)));
        }
        for (String column : List.of("p50", "p99")) {
            ToDoubleFunction<Line> value = line -> line.number(column);
            add(base.isEmpty() ? " – |" : " %.2f |", median(runs, value) / median(base, value));
        }
        add(
                " %.2f | %.0f |%n",
                median(runs, line -> line.number("cores")),
                median(runs, line -> line.number("memory_kb") / 1024));
    }

    private static List<Line> having(List<Line> lines, String column, String value) {
        return lines.stream().filter(line -> line.text(column).equals(value)).toList();
    }

    static double median(List<Line> lines, ToDoubleFunction<Line> value) {
        List<Double> values = new ArrayList<>();
        lines.forEach(line -> values.add(value.applyAsDouble(line)));
        values.sort(null);
        int half = values.size() / 2;
        if (values.isEmpty()) {
            return Double.NaN;
        }
        return values.size() % 2 == 1
                ? values.get(half)
                : (values.get(half - 1) + values.get(half)) / 2;
    }

    private void add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
