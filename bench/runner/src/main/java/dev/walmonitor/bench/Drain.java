package dev.walmonitor.bench;

import dev.walmonitor.bench.Workload.Backlog;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast a backlog is drained, and what that costs. Every consumer gets a copy of the slot that
 * stands before the backlog, so all of them are sent the same bytes.
 *
 * @param logs a directory for what consumers say on the side
 */
record Drain(MeasuredPostgres server, Commands commands, Quiet quiet, Path logs) {
    static final String SUITE = "drain";

    private static final Duration LIMIT = Duration.ofMinutes(10);

    /**
     * One run.
     *
     * @param seconds from the server's being asked to the last row
     * @param cpu of the consumer meanwhile
     * @param cpuTotal of the consumer, its start included
     * @param memory its largest resident set, in KB
     * @param senderCpu of the server process that sends
     * @param others cores that neither of them, nor this process, used meanwhile
     */
    record Run(
            long rows,
            double seconds,
            double cpu,
            double cpuTotal,
            long memory,
            double senderCpu,
            double others) {

        Map<String, Object> values(String workload, String consumer, int rep) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("workload", workload);
            values.put("consumer", consumer);
            values.put("rep", rep);
            values.put("rows", rows);
            values.put("seconds", seconds);
            values.put("cpu", cpu);
            values.put("cpu_total", cpuTotal);
            values.put("memory_kb", memory);
            values.put("sender_cpu", senderCpu);
            values.put("others", others);
            return values;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%7.3f s, %,9.0f rows/s, %5.2f µs CPU a row, %4d MB, others %.2f",
                    seconds,
                    rows / seconds,
                    cpu / rows * 1e6,
                    memory / 1024,
                    others);
        }
    }

    Run run(Consumer consumer, Backlog backlog) throws Exception {
        quiet.await();
        String slot =
                "run_" + backlog.workload().table() + "_" + consumer.id().toLowerCase(Locale.ROOT);
        Path errors = logs.resolve(backlog.workload() + "-" + consumer.id() + ".log");
        server.run(
                "select pg_copy_logical_replication_slot('"
                        + backlog.workload().slot()
                        + "', '"
                        + slot
                        + "')");
        List<String> command =
                commands.of(
                        consumer,
                        slot,
                        backlog.workload().publication(),
                        List.of("--rows", String.valueOf(backlog.rows())),
                        backlog.end());
        double own = ownCpu();
        try (ConsumerProcess process = ConsumerProcess.start(command, slot, server.log(), errors)) {
            return measure(process, consumer, backlog, own);
        } finally {
            Slots.drop(server, slot);
        }
    }

    private static Run measure(
            ConsumerProcess process, Consumer consumer, Backlog backlog, double own)
            throws Exception {
        try {
            Result result = result(process, consumer, backlog);
            ConsumerProcess.Usage usage = process.usage();
            double busy = Proc.busy();
            ConsumerProcess.Start start =
                    process.start().orElseThrow(() -> new ConsumerFailed("was not seen to stream"));
            double seconds = (result.micros() - start.micros()) / 1e6;
            double cpu = usage.cpu() - start.cpu();
            double others = busy - start.busy() - cpu - usage.senderCpu() - (ownCpu() - own);
            return new Run(
                    result.rows(),
                    seconds,
                    cpu,
                    usage.cpu(),
                    usage.memory(),
                    usage.senderCpu(),
                    Math.max(0, others / seconds));
        } catch (ConsumerFailed e) {
            process.kill();
            throw e;
        }
    }

    private record Result(long rows, long micros) {}

    private static Result result(ConsumerProcess process, Consumer consumer, Backlog backlog)
            throws Exception {
        if (consumer.endsSilently()) {
            return new Result(backlog.rows(), process.awaitEnd(LIMIT));
        }
        String line = process.await("RESULT ", LIMIT);
        Result result = new Result(field(line, "rows"), field(line, "t"));
        if (result.rows() != backlog.rows()) {
            throw new ConsumerFailed(
                    "delivered " + result.rows() + " rows instead of " + backlog.rows());
        }
        return result;
    }

    private static long field(String line, String name) {
        for (String word : line.split(" ")) {
            if (word.startsWith(name + "=")) {
                return Long.parseLong(word.substring(name.length() + 1));
            }
        }
        throw new ConsumerFailed("said no " + name + "= in \"" + line + "\"");
    }

    private static double ownCpu() {
        return Proc.cpu(ProcessHandle.current().pid());
    }
}
