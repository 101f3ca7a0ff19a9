package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What Linux tells of processes. Of one that is gone everything is 0. */
final class Proc {
    private static final double TICKS = 100;

    private Proc() {}

    /** CPU seconds that all threads of a process have used. */
    static double cpu(long pid) {
        String stat = read(pid, "stat");
        if (stat.isEmpty()) {
            return 0;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    /** CPU seconds of a process with one thread, exact. */
    static double cpuOfThread(long pid) {
        String schedstat = read(pid, "schedstat");
        return schedstat.isEmpty() ? 0 : Long.parseLong(schedstat.split(" ")[0]) / 1e9;
    }

    /** The largest resident set so far, in KB. */
    static long peakMemory(long pid) {
        return status(read(pid, "status"), "VmHWM");
    }

    /** The resident set now, in KB. */
    static long memory(long pid) {
        return status(read(pid, "status"), "VmRSS");
    }

    /** How often threads of a process have waited, and so how often they were woken. */
    static long waits(long pid) {
        return threads(pid).stream()
                .map(thread -> read(thread.resolve("status")))
                .mapToLong(status -> status(status, "voluntary_ctxt_switches"))
                .sum();
    }

    /** CPU seconds of a JVM's threads that compile. */
    static double cpuOfCompilers(long pid) {
        return threads(pid).stream()
                        .filter(thread -> read(thread.resolve("comm")).contains("CompilerThre"))
                        .map(thread -> read(thread.resolve("schedstat")).split(" ")[0])
                        .filter(nanos -> !nanos.isEmpty())
                        .mapToLong(Long::parseLong)
                        .sum()
                / 1e9;
    }

    private static List<Path> threads(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            return threads.toList();
        } catch (IOException e) {
            return List.of(); // it has ended
        }
    }

    private static long status(String status, String name) {
        for (String line : status.split("\n")) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    /** CPU seconds that the whole machine was busy. */
    static double busy() {
        String[] fields = read(Path.of("/proc/stat")).split("\n", 2)[0].split("\\s+");
        double busy = 0;
        for (int field : new int[] {1, 2, 3, 6, 7}) { // user, nice, system, irq, softirq
            busy += Long.parseLong(fields[field]) / TICKS;
        }
        return busy;
    }

    private static String read(long pid, String file) {
        return read(Path.of("/proc", String.valueOf(pid), file));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }
}
