package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** From a commit to the consumer's callback, at a steady rate. */
record Latency(MeasuredPostgres server, Commands commands, Quiet quiet, Path logs, Times times) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** How long is measured, after how long a warm-up. */
    record Times(Duration warm, Duration measured) {}

    Latencies run(Consumer consumer, int rate) throws Exception {
        quiet.await();
        String slot = "run_lat_" + consumer.id().toLowerCase(Locale.ROOT);
        Path file = logs.resolve("latencies");
        Path errors = logs.resolve("latency-" + consumer.id() + ".log");
        server.run(
                "truncate lat",
                "checkpoint",
                "select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        List<String> command =
                commands.of(
                        consumer,
                        slot,
                        Load.PUBLICATION,
                        List.of("--latfile", file.toString()),
                        "0/0");
        try (ConsumerProcess process = ConsumerProcess.start(command, slot, server.log(), errors)) {
            return measure(process, new Load(server, rate), file);
        } finally {
            Slots.drop(server, slot);
        }
    }

    private Latencies measure(ConsumerProcess process, Load load, Path file) throws Exception {
        try {
            process.awaitStart(LIMIT);
            load.run(times.warm());
            double cpu = process.usage().cpu();
            long from = Outcome.now();
            load.run(times.measured());
            double cores = (process.usage().cpu() - cpu) * 1000 / times.measured().toMillis();
            load.end();
            process.await("LATENCY ", LIMIT);
            long memory = process.usage().memory();
            return Latencies.of(read(file, from), times.measured(), cores, memory);
        } catch (ConsumerFailed e) {
            process.kill();
            throw e;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Of the rows that were made since. */
    private static long[] read(Path file, long from) throws Exception {
        return Files.readAllLines(file).stream()
                .map(line -> line.split(" "))
                .filter(fields -> Long.parseLong(fields[0]) >= from)
                .mapToLong(fields -> Long.parseLong(fields[1]) - Long.parseLong(fields[2]))
                .toArray();
    }
}
