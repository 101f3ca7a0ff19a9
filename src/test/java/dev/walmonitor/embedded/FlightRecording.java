package dev.walmonitor.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What the flight recorder gets to know of one of our events. */
public final class FlightRecording {

    private FlightRecording() {}

    /** The events of the name that come while the work is done, however short they are. */
    public static List<RecordedEvent> of(String name, Runnable work) {
        try (Recording recording = new Recording()) {
            recording.enable(name).withThreshold(Duration.ZERO);
            recording.start();
            work.run();
            recording.stop();
            Path file = Files.createTempFile("recording", ".jfr");
            try {
                recording.dump(file);
                return RecordingFile.readAllEvents(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
