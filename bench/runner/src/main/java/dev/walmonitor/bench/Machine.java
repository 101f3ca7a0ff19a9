package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What everything ran on, in one line. */
final class Machine {
    private static final double KB_OF_GB = 1 << 20;

    private Machine() {}

    static String describe() throws IOException {
        return String.format(
                Locale.ROOT,
                "%d cores of %s, %.0f GB, %s %s, JDK %s",
                Runtime.getRuntime().availableProcessors(),
                field("/proc/cpuinfo", "model name", "an unknown processor"),
                Double.parseDouble(field("/proc/meminfo", "MemTotal", "0").replaceAll("\\D", ""))
                        / KB_OF_GB,
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.version());
    }

    private static String field(String file, String name, String otherwise) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(file));
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }
}
