package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A consumer at work, watched from outside: a thread looks at it, at its server process and at the
 * server's log a hundred times a second. The clock starts when the server logs that it was asked to
 * stream, so the start of a runtime is not in it.
 */
final class ConsumerProcess implements AutoCloseable {
    private static final Pattern STREAM =
            Pattern.compile(
                    "(?m)^(\\d+\\.\\d+) \\[(\\d+)] LOG: .* START_REPLICATION SLOT \"?(\\w+)\"? .*$");

    private static final Duration LOOK = Duration.ofMillis(10);

    /** A line that no process prints. */
    private static final String END = "\0";

    /** What a process has used, in CPU seconds and KB. */
    record Usage(double cpu, long memory, double senderCpu) {}

    /**
     * The server was asked to stream.
     *
     * @param micros when, of the Unix epoch
     * @param cpu what the consumer had used until then
     * @param busy what the whole machine had
     */
    record Start(long micros, long sender, double cpu, double busy) {}

    private final Process process;
    private final String slot;
    private final Path serverLog;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private long logRead;
    private Usage usage = new Usage(0, 0, 0);
    private @Nullable Start start;
    private volatile long ended;

    private ConsumerProcess(
            Process process, String slot, Path serverLog, long logRead, Path errors) {
        this.process = process;
        this.slot = slot;
        this.serverLog = serverLog;
        this.logRead = logRead;
        this.errors = errors;
        Thread.ofVirtual().start(this::read);
        Thread.ofPlatform().daemon().start(this::watch);
    }

    /**
     * @param serverLog where the server tells when it is asked to stream
     * @param errors where the process's own log goes
     */
    static ConsumerProcess start(List<String> command, String slot, Path serverLog, Path errors)
            throws IOException {
        long logged = Files.size(serverLog);
        Process process =
                Children.start(new ProcessBuilder(command).redirectError(errors.toFile()));
        process.getOutputStream().close();
        return new ConsumerProcess(process, slot, serverLog, logged, errors);
    }

    private void read() {
        try (BufferedReader reader = process.inputReader()) {
            reader.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // it was killed
        }
        ended = Outcome.now();
        lines.add(END);
    }

    private void watch() {
        try {
            while (process.isAlive()) {
                look();
                Thread.sleep(LOOK);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look() throws IOException {
        if (start == null) {
            start = started();
        }
        double sender = start == null ? 0 : Proc.cpuOfThread(start.sender());
        usage =
                new Usage(
                        Math.max(usage.cpu(), Proc.cpu(process.pid())),
                        Math.max(usage.memory(), Proc.peakMemory(process.pid())),
                        Math.max(usage.senderCpu(), sender));
    }

    private @Nullable Start started() throws IOException {
        byte[] log = Files.readAllBytes(serverLog);
        String news =
                new String(log, (int) logRead, log.length - (int) logRead, StandardCharsets.UTF_8);
        Matcher stream = STREAM.matcher(news);
        while (stream.find()) {
            if (stream.group(3).equals(slot)) {
                return new Start(
                        Math.round(Double.parseDouble(stream.group(1)) * 1e6),
                        Long.parseLong(stream.group(2)),
                        Proc.cpu(process.pid()),
                        Proc.busy());
            }
        }
        return null;
    }

    /** What it has used until now, or until its end. */
    synchronized Usage usage() throws IOException {
        look();
        return usage;
    }

    synchronized Optional<Start> start() {
        return Optional.ofNullable(start);
    }

    /** Waits until the server was asked to stream. */
    void awaitStart(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (start().isEmpty()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new ConsumerFailed(
                        "did not stream within " + limit.toSeconds() + " s, see " + errors);
            }
            Thread.sleep(LOOK);
        }
    }

    /** Waits for a line that begins with the word. */
    String await(String word, Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (true) {
            String line = lines.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new ConsumerFailed(
                        "said no "
                                + word
                                + (line == null ? " within " + limit.toSeconds() + " s" : "")
                                + ", see "
                                + errors);
            }
            if (line.startsWith(word)) {
                return line;
            }
        }
    }

    /**
     * Waits for its end.
     *
     * @return when that was, in microseconds of the Unix epoch
     */
    long awaitEnd(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
            throw new ConsumerFailed(
                    "did not end well within " + limit.toSeconds() + " s, see " + errors);
        }
        while (ended == 0) {
            Thread.sleep(1);
        }
        return ended;
    }

    /** Lets it end by itself for a while. */
    @Override
    public void close() {
        Children.end(process);
    }

    /** Ends it, if it has not. */
    void kill() {
        process.destroyForcibly();
    }
}
