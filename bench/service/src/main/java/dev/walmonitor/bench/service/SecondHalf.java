package dev.walmonitor.bench.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process uses from the half of its work on, when it is warm: time, and the CPU time of all
 * threads but those that compile. Called by one thread.
 */
final class SecondHalf {
    private final long rows;
    private long sinceNanos;
    private long cpu;

    /**
     * @param rows all of them
     */
    SecondHalf(long rows) {
        this.rows = rows;
    }

    void row(long number) {
        if (number == rows / 2) {
            cpu = cpu();
            sinceNanos = System.nanoTime();
        } else if (number == rows) {
            long nanos = System.nanoTime() - sinceNanos;
            System.out.printf("HALF %d %d %d%n", rows - rows / 2, nanos, cpu() - cpu);
        }
    }

    /** Nanoseconds. */
    private static long cpu() {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.mapToLong(SecondHalf::cpu).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long cpu(Path thread) {
        try {
            boolean compiles = Files.readString(thread.resolve("comm")).contains("CompilerThre");
            String cpu = compiles ? "0 " : Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(cpu.substring(0, cpu.indexOf(' ')));
        } catch (IOException e) {
            return 0; // it has ended
        }
    }
}
