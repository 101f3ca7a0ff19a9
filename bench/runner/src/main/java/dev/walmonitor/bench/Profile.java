package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Arguments;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Drains one backlog by one consumer under a profiler, and prints where the time and the memory
 * went.
 */
record Profile(Path home) {
    private static final List<String> KNOWN =
            List.of("consumer", "workload", "scale", "views", "async-profiler", "flame-graph");

    private static final String VIEWS =
            "cpu-time-hot-methods,allocation-by-class,allocation-by-site,gc-pauses";

    boolean run(String[] words) throws Exception {
        Arguments given = new Arguments(words);
        String unknown = given.unknown(KNOWN);
        if (unknown != null) {
            throw new IllegalArgumentException(
                    "Expected one of --" + String.join(", --", KNOWN) + "; got " + unknown);
        }
        Consumer consumer = consumer(given.get("consumer"));
        Workload workload = Workload.parse(given.get("workload", "w1"));
        Profiler profiler = profiler(given);
        Path directory = Files.createDirectories(home.resolve("target/profiles"));
        Path file = directory.resolve(consumer.id() + "-" + workload + profiler.suffix());
        try (MeasuredPostgres server = MeasuredPostgres.started()) {
            Commands commands = new Commands(home, server, List.of(profiler.option(file)));
            Drain drain = new Drain(server, commands, new Quiet(Duration.ZERO), directory);
            double scale = Double.parseDouble(given.get("scale", "1"));
            System.out.println(drain.run(consumer, workload.write(server, scale)));
        }
        profiler.show(file);
        System.out.println("\n" + file);
        return true;
    }

    private static Profiler profiler(Arguments given) {
        return given.has("async-profiler") || given.has("flame-graph")
                ? new Profiler.Async(given.has("flame-graph"))
                : new Profiler.FlightRecorder(List.of(given.get("views", VIEWS).split(",")));
    }

    private Consumer consumer(String id) throws IOException {
        return Consumer.read(home.resolve("consumers.conf")).stream()
                .filter(consumer -> consumer.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "Expected a consumer of consumers.conf, got " + id));
    }
}
