package dev.walmonitor.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Waits until a server is ready, and tells what it said if it is not to be. */
final class Startup {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Whether a server is ready. */
    @FunctionalInterface
    interface Probe {
        boolean isReady() throws IOException;
    }

    private Startup() {}

    static void await(String server, Process process, Path log, Probe probe) throws IOException {
        long start = System.nanoTime();
        while (!probe.isReady()) {
            if (!process.isAlive()) {
                throw new EmbeddedServerException(
                        "The embedded "
                                + server
                                + " ended with code "
                                + process.exitValue()
                                + ": "
                                + lastLines(log));
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                process.destroyForcibly();
                throw new EmbeddedServerException(
                        "The embedded " + server + " was not ready within 60 s: " + lastLines(log));
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EmbeddedServerException(
                        "The start of the embedded " + server + " was interrupted", e);
            }
        }
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines =
                Files.exists(log) ? Files.readAllLines(log, StandardCharsets.UTF_8) : List.of();
        return String.join(
                System.lineSeparator(),
                lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }
}
