package dev.walmonitor.bench;

import dev.walmonitor.bench.Results.Line;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tables of what the service costs while nothing happens, and of how its costs grow. */
record StandingCosts(Results results) {

    String tables() throws IOException {
        return idle(results.read(Idle.ID))
                + growth(results.read(Growth.ID))
                + sources(results.read(SourceMemory.ID));
    }

    private static String idle(List<Line> lines) {
        if (lines.isEmpty()) {
            return "";
        }
        StringBuilder row = new StringBuilder("| " + lines.size() + " |");
        for (String column :
                List.of(
                        "cpu_percent",
                        "compilers_percent",
                        "statuses",
                        "upserts",
                        "writes",
                        "transactions",
                        "wake_ups")) {
            row.append(format(" %.2f |", Report.median(lines, line -> line.number(column))));
        }
        row.append(
                format(" %.1f |", Report.median(lines, line -> line.number("allocated") / 1024)));
        return """

        ## Idle: packaged service, a source, a cache rule, a webhook rule

        | runs | %% of a core | of it compiling | statuses/s | monitor upserts/s | rows written/s | transactions/s | wake-ups/s | KB allocated/s | RSS MB |
        |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        %s %.0f |
        """
                .formatted(row, Report.median(lines, line -> line.number("memory_kb") / 1024));
    }

    private static String growth(List<Line> lines) {
        Function<Line, String> of = line -> line.text("tables") + " | " + line.text("rules");
        List<String> cases = lines.stream().map(of).distinct().toList();
        double base = 0;
        StringBuilder rows = new StringBuilder();
        for (String one : cases) {
            List<Line> runs = lines.stream().filter(line -> of.apply(line).equals(one)).toList();
            double cost = Report.median(runs, line -> line.number("cpu") / line.number("rows"));
            base = base == 0 ? cost : base;
            rows.append(
                    format(
                            "| %s | %d | %.2f | %.2f | %,.0f | %.0f |%n",
                            one,
                            runs.size(),
                            cost * 1e6,
                            cost / base,
                            Report.median(
                                    runs, line -> line.number("rows") / line.number("seconds")),
                            Report.median(runs, line -> line.number("memory_kb") / 1024)));
        }
        return cases.isEmpty()
                ? ""
                : """

                ## Growth: a change's cost with many tables, and with many rules

                | tables | rules | runs | CPU µs/row | × the first | rows/s | peak RSS MB |
                |--:|--:|--:|--:|--:|--:|--:|
                """
                        + rows;
    }

    private static String sources(List<Line> lines) {
        List<Double> counts =
                lines.stream().map(line -> line.number("sources")).distinct().sorted().toList();
        String rows =
                counts.stream()
                        .map(count -> sources(lines, count, counts.getFirst()))
                        .collect(Collectors.joining());
        return counts.isEmpty()
                ? ""
                : """

                ## Growth: memory with several sources, after a collection

                | sources | runs | RSS MB | MB of objects | RSS a further source | objects a further source |
                |--:|--:|--:|--:|--:|--:|
                """
                        + rows;
    }

    private static String sources(List<Line> lines, double count, double first) {
        List<Line> runs = with(lines, count);
        StringBuilder row = new StringBuilder(format("| %.0f | %d |", count, runs.size()));
        StringBuilder further = new StringBuilder();
        for (String column : List.of("memory_kb", "objects_kb")) {
            double now = Report.median(runs, line -> line.number(column)) / 1024;
            double then = Report.median(with(lines, first), line -> line.number(column)) / 1024;
            row.append(format(" %.1f |", now));
            further.append(
                    count == first ? " |" : format(" %.1f |", (now - then) / (count - first)));
        }
        return row.append(further).append("\n").toString();
    }

    private static List<Line> with(List<Line> lines, double sources) {
        return lines.stream().filter(line -> line.number("sources") == sources).toList();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
