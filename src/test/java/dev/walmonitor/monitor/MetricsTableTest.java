package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/metrics.md names each meter of ours, and no other. DoorsIT asks the running service. */
class MetricsTableTest {
    private static final Pattern NAME = Pattern.compile("\"((?:wal_monitor|monitor)_[a-z_]+)\"");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `((?:wal_monitor|monitor)_[a-z_]+)` \\|");

    @Test
    void everyMeterIsARowAndEveryRowAMeter() throws IOException {
        Set<String> meters;
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            meters =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(MetricsTableTest::read)
                            .filter(text -> text.contains("import io.micrometer."))
                            .flatMap(text -> NAME.matcher(text).results())
                            .map(found -> found.group(1))
                            .collect(Collectors.toCollection(TreeSet::new));
        }
        Set<String> rows =
                ROW.matcher(read(Path.of("docs", "metrics.md")))
                        .results()
                        .map(found -> found.group(1).replaceFirst("_(total|seconds)$", ""))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(rows).isEqualTo(meters);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
