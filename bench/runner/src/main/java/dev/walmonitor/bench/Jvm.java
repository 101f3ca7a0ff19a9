package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** What a JVM tells when it is asked from outside. */
record Jvm(long pid) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

    private static final String EVENT = "jdk.ThreadAllocationStatistics";

    /** Nothing but what each thread has allocated, at the start and at the end. */
    private static final String SETTINGS =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="%s">
                <setting name="enabled">true</setting>
                <setting name="period">everyChunk</setting>
              </event>
            </configuration>
            """
                    .formatted(EVENT);

    /** The bytes of all objects that are in use, after a collection. */
    long liveObjects() throws Exception {
        String histogram = ask("GC.class_histogram");
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new ConsumerFailed("told no total of its objects: " + histogram.lines().count());
        }
        return Long.parseLong(total.group(1));
    }

    /**
     * What each thread allocates in that time, in bytes; the recorder's own threads do not count.
     */
    Map<String, Long> allocations(Duration time, Path directory) throws Exception {
        Path settings = Files.writeString(directory.resolve("allocations.jfc"), SETTINGS);
        Path file = directory.resolve("allocations.jfr");
        Files.deleteIfExists(file);
        ask("JFR.start", "name=allocations", "settings=" + settings);
        Thread.sleep(time);
        ask("JFR.stop", "name=allocations", "filename=" + file);
        Map<String, Long> first = new HashMap<>();
        Map<String, Long> most = new HashMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            String thread = event.getEventType().getName().equals(EVENT) ? thread(event) : "";
            if (!thread.isEmpty()) {
                long allocated = event.getLong("allocated");
                first.merge(thread, allocated, Math::min);
                most.merge(thread, allocated, Math::max);
            }
        }
        ToLongFunction<String> meanwhile =
                thread -> most.getOrDefault(thread, 0L) - first.getOrDefault(thread, 0L);
        return most.keySet().stream()
                .filter(thread -> meanwhile.applyAsLong(thread) > 0)
                .collect(Collectors.toMap(thread -> thread, meanwhile::applyAsLong));
    }

    /** Empty if it is not to be counted. */
    private static String thread(RecordedEvent event) {
        RecordedThread thread = event.getThread("thread");
        String name = thread == null ? null : thread.getJavaName();
        return name == null || name.startsWith("JFR") ? "" : name;
    }

    private String ask(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder().redirectErrorStream(true);
        builder.command().add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        builder.command().add(String.valueOf(pid));
        builder.command().addAll(List.of(command));
        Process process = Children.start(builder);
        try {
            String answer =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new ConsumerFailed("did not answer " + command[0] + ": " + answer.strip());
            }
            return answer;
        } finally {
            Children.end(process);
        }
    }
}
