package dev.walmonitor.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The packaged service, started as its container starts it. */
final class Service implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String HEAP = "256m";

    private final Process process;
    private final Path log;

    private Service(Process process, Path log) {
        this.process = process;
        this.log = log;
        Thread.ofVirtual().start(this::keepLog);
    }

    /**
     * Starts it and returns when it is ready.
     *
     * @param jar {@code quarkus-run.jar}
     * @param directory where it may write
     * @param rules the content of its {@code application.yaml}
     */
    static Service started(Path jar, Path directory, Map<String, String> environment, String rules)
            throws Exception {
        return started(jar, directory, environment, rules, HEAP);
    }

    /**
     * As the other.
     *
     * @param heap the most that its objects may take, as {@code -Xmx} has it
     */
    static Service started(
            Path jar, Path directory, Map<String, String> environment, String rules, String heap)
            throws Exception {
        Files.createDirectories(directory.resolve("config"));
        Files.writeString(directory.resolve("config/application.yaml"), rules);
        Path log = directory.resolve("service.log");
        Files.deleteIfExists(log);
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + heap,
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-jar",
                                jar.toAbsolutePath().toString())
                        .directory(directory.toFile())
                        .redirectErrorStream(true);
        builder.environment()
                .putAll(
                        Map.of(
                                "QUARKUS_HTTP_HOST", "127.0.0.1",
                                "QUARKUS_HTTP_PORT", "0",
                                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                                "QUARKUS_MANAGEMENT_PORT", "0",
                                "QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false",
                                "WAL_MONITOR_OPERATOR_PASSWORD", Doors.PASSWORD));
        builder.environment().putAll(environment);
        Service service = new Service(Children.start(builder), log);
        try {
            service.awaitReady();
            return service;
        } catch (ConsumerFailed e) {
            service.close();
            throw e;
        }
    }

    long pid() {
        return process.pid();
    }

    /** Where it can be asked, as it is ready. */
    Doors doors() throws IOException {
        return listening().orElseThrow();
    }

    double cpu() {
        return Proc.cpu(process.pid());
    }

    long peakMemory() {
        return Proc.peakMemory(process.pid());
    }

    private void keepLog() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Files.write(
                        log, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            // it was killed
        }
    }

    private void awaitReady() throws Exception {
        long until = System.nanoTime() + LIMIT.toNanos();
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new ConsumerFailed(
                        "was not ready within " + LIMIT.toSeconds() + " s, see " + log);
            }
            Thread.sleep(100);
        }
    }

    private boolean ready() throws InterruptedException {
        try {
            Optional<Doors> listening = listening();
            return listening.isPresent() && listening.get().isReady();
        } catch (IOException | UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    private Optional<Doors> listening() throws IOException {
        return Doors.of(Files.exists(log) ? Files.readString(log) : "");
    }

    @Override
    public void close() {
        process.destroy();
        Children.end(process);
    }
}
