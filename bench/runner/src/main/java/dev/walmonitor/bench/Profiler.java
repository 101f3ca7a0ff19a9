package dev.walmonitor.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What watches a JVM from inside while it works: an option that starts it, and what is shown of its
 * file.
 */
sealed interface Profiler {

    /** What its file's name ends with. */
    String suffix();

    String option(Path file) throws IOException;

    void show(Path file) throws IOException, InterruptedException;

    /**
     * Java Flight Recorder, which comes with the JDK. Samples by CPU time, native methods included.
     *
     * @param views of {@code jfr view}
     */
    record FlightRecorder(List<String> views) implements Profiler {
        @Override
        public String suffix() {
            return ".jfr";
        }

        @Override
        public String option(Path file) {
            return "-XX:StartFlightRecording=settings=profile,filename="
                    + file
                    + ",jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle=1000/s";
        }

        @Override
        public void show(Path file) throws IOException, InterruptedException {
            String jfr = Path.of(System.getProperty("java.home"), "bin", "jfr").toString();
            for (String view : views) {
                new ProcessBuilder(jfr, "view", "--width", "140", view, file.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
            }
        }
    }

    /**
     * async-profiler, from the class path. Sees native frames, and the kernel's where that allows
     * it.
     *
     * @param flameGraph whether it makes a page to look at instead of text
     */
    record Async(boolean flameGraph) implements Profiler {
        @Override
        public String suffix() {
            return flameGraph ? ".html" : ".txt";
        }

        @Override
        public String option(Path file) throws IOException {
            return "-agentpath:"
                    + library(file.resolveSibling("libasyncProfiler.so"))
                    + "=start,event=cpu,interval=500us,flat=40,traces=5,file="
                    + file;
        }

        private static Path library(Path copy) throws IOException {
            String system =
                    System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
            String name = "/" + system + "/libasyncProfiler.so";
            try (InputStream in = Profiler.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException(
                            "Expected async-profiler's " + name + " on the class path");
                }
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                return copy;
            }
        }

        @Override
        public void show(Path file) throws IOException {
            if (!flameGraph) {
                System.out.println(Files.readString(file));
            }
        }
    }
}
