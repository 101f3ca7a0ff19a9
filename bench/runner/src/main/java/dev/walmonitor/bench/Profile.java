package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Arguments;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Drains one backlog by one consumer under a profiler and prints where the time and the memory
 * went. Java Flight Recorder comes with the JDK; with {@code --async-profiler LIBRARY} that one is
 * loaded instead.
 */
record Profile(Path home) {
    private static final List<String> KNOWN = List.of("consumer", "workload", "scale", "async-profiler", "view");

    /** By default what is hot, and what is allocated where. */
    private static final String VIEWS = "hot-methods,allocation-by-class,allocation-by-site,gc-pauses";

    /** Samples a millisecond apart: a drain takes seconds. */
    private static final String FLIGHT_RECORDER =
            "-XX:StartFlightRecording=filename=%s,settings=profile,jdk.ExecutionSample#period=1ms";

    boolean run(String[] words) throws Exception {
        Arguments given = new Arguments(words);
        String unknown = given.unknown(KNOWN);
        if (unknown != null) {
            throw new IllegalArgumentException("Expected one of --" + String.join(", --", KNOWN) + "; got " + unknown);
        }
        Consumer consumer = consumer(given.get("consumer"));
        Path directory = Files.createDirectories(home.resolve("target/profiles"));
        Path file = directory.resolve(consumer.id() + "-" + given.get("workload", "w1"));
        String library = given.get("async-profiler", "");
        Path recording = Path.of(file + (library.isEmpty() ? ".jfr" : ".html"));
        String agent =
                library.isEmpty()
                        ? FLIGHT_RECORDER.formatted(recording)
                        : "-agentpath:" + library + "=start,event=cpu,interval=500us,alloc=512k,file=" + recording;
        try (MeasuredPostgres server = MeasuredPostgres.started()) {
            Workload.Backlog backlog =
                    Workload.parse(given.get("workload", "w1"))
                            .write(server, Double.parseDouble(given.get("scale", "1")));
            Commands commands = new Commands(home, server, List.of(agent));
            System.out.println(new Drain(server, commands, new Quiet(Duration.ZERO), directory).run(consumer, backlog));
        }
        if (library.isEmpty()) {
            for (String view : given.get("view", VIEWS).split(",")) {
                print(view, recording);
            }
        }
        System.out.println("\n" + recording);
        return true;
    }

    private Consumer consumer(String id) throws IOException {
        return Consumer.read(home.resolve("consumers.conf")).stream()
                .filter(consumer -> consumer.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Expected a consumer of consumers.conf, got " + id));
    }

    private static void print(String view, Path recording) throws IOException, InterruptedException {
        String jfr = Path.of(System.getProperty("java.home"), "bin", "jfr").toString();
        new ProcessBuilder(jfr, "view", "--width", "140", view, recording.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
