package dev.walmonitor.bench;

import dev.walmonitor.bench.Workload.Backlog;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes the AOT cache that the service is measured with: a tenth of the workloads is drained once on
 * a server of its own, and the JVM writes down what it learned.
 */
final class Training {
    /** Where a command line wants the cache; while it is made, nothing. */
    static final String PLACE = "{aot}";

    private static final String OUTPUT = "-XX:AOTCacheOutput=";
    private static final String NAME = "training";
    private static final double SCALE = 0.1;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Path home;
    private final Path logs;

    Training(Path home, Path logs) {
        this.home = home;
        this.logs = logs;
    }

    /** The words that stand in the place. */
    static List<String> option(Path home, List<String> jvm) {
        return jvm.stream().anyMatch(word -> word.startsWith(OUTPUT))
                ? List.of()
                : List.of("-XX:AOTCache=" + cache(home));
    }

    private static Path cache(Path home) {
        return home.resolve("service/target/service.aot");
    }

    /** Trains the first that has the place, unless the cache is younger than the service. */
    void run(List<Consumer> consumers) throws Exception {
        Optional<Consumer> trained =
                consumers.stream().filter(each -> each.command().contains(PLACE)).findFirst();
        if (trained.isPresent() && !isUpToDate()) {
            try (MeasuredPostgres server = MeasuredPostgres.started()) {
                run(trained.get(), server);
            }
        }
    }

    private boolean isUpToDate() throws IOException {
        Path jar = home.resolve("service/target/quarkus-app/quarkus-run.jar");
        return Files.exists(cache(home))
                && Files.getLastModifiedTime(cache(home)).compareTo(Files.getLastModifiedTime(jar))
                        > 0;
    }

    private void run(Consumer consumer, MeasuredPostgres server) throws Exception {
        server.run(
                "create publication " + NAME + " for all tables",
                "select pg_create_logical_replication_slot('" + NAME + "', 'pgoutput')");
        Backlog single = Workload.W4.write(server, SCALE);
        Backlog narrow = Workload.W1.write(server, SCALE);
        Backlog wide = Workload.W2.write(server, SCALE);
        // The wide rows are inserted before they are updated.
        int rows = single.rows() + narrow.rows() + 2 * wide.rows();
        Files.deleteIfExists(cache(home));
        List<String> command =
                new Commands(home, server, List.of(OUTPUT + cache(home)))
                        .of(
                                consumer,
                                NAME,
                                NAME,
                                List.of("--rows", String.valueOf(rows)),
                                wide.end());
        Path errors = logs.resolve("training.log");
        try (ConsumerProcess process =
                ConsumerProcess.start(command, NAME, server.log(), errors)) {
            long _ = process.awaitEnd(LIMIT);
        }
        if (!Files.exists(cache(home))) {
            throw new ConsumerFailed("left no AOT cache, see " + errors);
        }
    }
}
