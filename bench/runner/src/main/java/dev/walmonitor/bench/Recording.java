package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * What the flight recorder of a service keeps while it is measured: refreshes of cached queries and
 * the heap after each collection, and nothing else. It is there when the service has ended.
 */
record Recording(Path file) {
    static final String REFRESH = "dev.walmonitor.Refresh";
    private static final String HEAP = "jdk.GCHeapSummary";

    private static final String SETTINGS =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="dev.walmonitor.Refresh">
                <setting name="enabled">true</setting>
                <setting name="threshold">0 ms</setting>
              </event>
              <event name="dev.walmonitor.Handle"><setting name="enabled">false</setting></event>
              <event name="dev.walmonitor.Read"><setting name="enabled">false</setting></event>
              <event name="jdk.GCHeapSummary"><setting name="enabled">true</setting></event>
            </configuration>
            """;

    /** A file that is not there yet, and the settings beside it. */
    static Recording in(Path directory) throws IOException {
        Path file = Files.createDirectories(directory).resolve("service.jfr").toAbsolutePath();
        Files.deleteIfExists(file);
        Recording recording = new Recording(file);
        Files.writeString(recording.settings(), SETTINGS);
        return recording;
    }

    private Path settings() {
        return file.resolveSibling("service.jfc");
    }

    /** What a service's environment needs for it. */
    Map<String, String> environment() {
        return Map.of(
                "JAVA_TOOL_OPTIONS",
                "-XX:StartFlightRecording:settings=" + settings() + ",filename=" + file);
    }

    /** Events of a kind, in no order, that began in that time. */
    List<RecordedEvent> events(String name, Instant from, Instant to) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .filter(event ->
                        !event.getStartTime().isBefore(from) && !event.getStartTime().isAfter(to))
                .toList();
    }

    /** The most that collections of that time left in the heap, in bytes; 0 if there were none. */
    long heap(Instant from, Instant to) throws IOException {
        return events(HEAP, from, to).stream()
                .filter(event -> event.getString("when").equals("After GC"))
                .mapToLong(event -> event.getLong("heapUsed"))
                .max()
                .orElse(0);
    }
}
