package dev.walmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Files of tab separated values, a line a run, in one directory. */
record Results(Path directory) {

    /** One line, by the names of the columns. */
    record Line(Map<String, String> values) {

        String text(String column) {
            return values.getOrDefault(column, "");
        }

        double number(String column) {
            return Double.parseDouble(text(column));
        }
    }

    /** Takes away what an earlier run of the suite left. */
    void begin(String suite) throws IOException {
        Files.createDirectories(directory);
        Files.deleteIfExists(file(suite));
    }

    void add(String suite, Map<String, Object> values) throws IOException {
        if (!Files.exists(file(suite))) {
            append(suite, String.join("\t", values.keySet()));
        }
        append(
                suite,
                values.values().stream().map(Results::text).collect(Collectors.joining("\t")));
    }

    List<Line> read(String suite) throws IOException {
        List<Line> all = new ArrayList<>();
        if (Files.exists(file(suite))) {
            List<String> lines = Files.readAllLines(file(suite));
            String[] columns = lines.getFirst().split("\t");
            for (String line : lines.subList(1, lines.size())) {
                String[] fields = line.split("\t", -1);
                Map<String, String> values = new LinkedHashMap<>();
                for (int i = 0; i < columns.length; i++) {
                    values.put(columns[i], fields[i]);
                }
                all.add(new Line(values));
            }
        }
        return all;
    }

    Path file(String suite) {
        return directory.resolve(suite + ".tsv");
    }

    private void append(String suite, String line) throws IOException {
        Files.writeString(
                file(suite), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String text(Object value) {
        return value instanceof Double number
                ? String.format(Locale.ROOT, "%.3f", number)
                : String.valueOf(value);
    }
}
