package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of the packaged application, run as users run it. */
final class CommandProcess implements AutoCloseable {
    private static final Path JAR =
            Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath();

    private static final int INTERRUPT = 2;

    private final Process process;
    private final Path out;
    private final Path err;

    private CommandProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** How it ended, and what it wrote. */
    record Outcome(int code, String out, String err) {}

    /**
     * Runs it to its end.
     *
     * @param home where it runs
     */
    static Outcome run(Path home, Map<String, String> environment, String... arguments)
            throws Exception {
        try (CommandProcess command = start(home, environment, arguments)) {
            return command.end();
        }
    }

    /**
     * Starts it.
     *
     * @param home where it runs
     */
    static CommandProcess start(Path home, Map<String, String> environment, String... arguments)
            throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-jar",
                                JAR.toString()));
        command.addAll(List.of(arguments));
        Path out = home.resolve("out");
        Path err = home.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(environment);
        return new CommandProcess(builder.start(), out, err);
    }

    /** What it has written so far. */
    String out() throws Exception {
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Whether it was started by somebody who ignores INT, such as a shell in the background: then
     * it ignores it too, as the JVM leaves it so.
     */
    boolean ignoresInterrupts() throws Exception {
        long ignored =
                Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                        .findFirst()
                        .orElseThrow();
        return (ignored & 1L << (INTERRUPT - 1)) != 0;
    }

    /** Asks it to end, as Ctrl-C does (INT) or a cluster (TERM). */
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Waits for its end. */
    Outcome end() throws Exception {
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return new Outcome(
                process.exitValue(), out(), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroyForcibly().onExit().join();
        }
    }
}
