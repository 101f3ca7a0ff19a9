package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Arguments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What is to be run.
 *
 * @param consumers their ids; empty: all
 * @param scale of the workloads; 1 is their size
 * @param patience how long a run waits for a quiet machine
 * @param results where files go
 */
record Options(
        Set<String> consumers,
        List<Workload> workloads,
        List<Integer> rates,
        int reps,
        double scale,
        Latency.Times times,
        Duration patience,
        Path results) {
    private static final List<String> KNOWN =
            List.of(
                    "consumers",
                    "workloads",
                    "rates",
                    "reps",
                    "scale",
                    "warm",
                    "measure",
                    "patience",
                    "out");

    /** As large as the report is made of; in seconds where there are times. */
    static Options parse(String[] words, Path home) {
        return parse(words, home.resolve("results"), "w1,w2,w3,w4", "1000,5000", 3, "1", 8, 12, 30);
    }

    /** Just enough to see that everything works. */
    static Options smoke(String[] words, Path home) {
        return parse(
                words, home.resolve("target/smoke"), "w1,w2,w3,w4", "1000", 1, "0.01", 2, 3, 0);
    }

    private static Options parse(
            String[] words,
            Path out,
            String workloads,
            String rates,
            int reps,
            String scale,
            int warm,
            int measure,
            int patience) {
        Arguments given = new Arguments(words);
        String unknown = given.unknown(KNOWN);
        if (unknown != null) {
            throw new IllegalArgumentException(
                    "Expected one of --" + String.join(", --", KNOWN) + "; got " + unknown);
        }
        String consumers = given.get("consumers", "");
        return new Options(
                consumers.isEmpty() ? Set.of() : Set.of(consumers.split(",")),
                Arrays.stream(given.get("workloads", workloads).split(","))
                        .map(Workload::parse)
                        .toList(),
                Arrays.stream(given.get("rates", rates).split(",")).map(Integer::valueOf).toList(),
                given.number("reps", reps),
                Double.parseDouble(given.get("scale", scale)),
                new Latency.Times(
                        Duration.ofSeconds(given.number("warm", warm)),
                        Duration.ofSeconds(given.number("measure", measure))),
                Duration.ofSeconds(given.number("patience", patience)),
                Path.of(given.get("out", out.toString())));
    }

    /** A time that is no workload's own; of a small scale at least seconds. */
    Duration scaled(Duration time) {
        return Duration.ofMillis(Math.max(3000, (long) (time.toMillis() * Math.min(1, scale))));
    }

    boolean wants(String consumer) {
        return consumers.isEmpty() || consumers.contains(consumer);
    }
}
