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
        burst(results.read(Burst.SUITE));
        parked(results.read(Parked.SUITE));
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

    private void burst(List<Line> runs) {
        if (runs.isEmpty()) {
            return;
        }
        add(
                "%n## %,.0f cached tables under a burst of %,.0f updates%n%n",
                median(runs, line -> line.number("keys")),
                median(runs, line -> line.number("updates")));
        add("| runs | seconds | updates/s | refreshes of a key, at most | an update |");
        add(" part of the time | ms each | all covered, ms after the last commit | cores |");
        add(" peak RSS MB |%n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|%n");
        add(
                "| %d | %.1f | %,.0f | %.0f | %.4f |",
                runs.size(),
                median(runs, line -> line.number("seconds")),
                median(runs, line -> line.number("updates_a_second")),
                median(runs, line -> line.number("most_writes")),
                median(runs, line -> line.number("writes_an_update")));
        add(
                " %.3f | %.1f | %s | %.2f | %.0f |%n",
                median(runs, line -> line.number("refreshing")),
                median(runs, line -> line.number("refresh_ms")),
                spread(runs, "covered_ms"),
                median(runs, line -> line.number("cores")),
                median(runs, line -> line.number("memory_kb") / 1024));
    }

    private void parked(List<Line> runs) {
        if (runs.isEmpty()) {
            return;
        }
        add(
                "%n## %,.0f parked changes delivered to a webhook%n%n",
                median(runs, line -> line.number("changes")));
        add(
                "| runs | seconds to park | seconds to deliver | changes/s | requests/s | CPU µs/change |");
        add(" cores | heap MB, parking | heap MB, delivering | peak RSS MB |%n");
        add("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|%n");
        add(
                "| %d | %.1f | %.1f | %s | %,.0f | %.0f |",
                runs.size(),
                median(runs, line -> line.number("parking_seconds")),
                median(runs, line -> line.number("seconds")),
                spread(runs, "changes_a_second"),
                median(runs, line -> line.number("requests_a_second")),
                median(runs, line -> line.number("cpu") / line.number("changes") * 1e6));
        add(
                " %.2f | %.0f | %.0f | %.0f |%n",
                median(runs, line -> line.number("cores")),
                median(runs, line -> line.number("heap_before_mb")),
                median(runs, line -> line.number("heap_mb")),
                median(runs, line -> line.number("memory_kb") / 1024));
    }

    private static String spread(List<Line> runs, String column) {
        double[] sorted = runs.stream().mapToDouble(line -> line.number(column)).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%,.0f (%,.0f–%,.0f)",
                median(runs, line -> line.number(column)),
                sorted[0],
                sorted[sorted.length - 1]);
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
