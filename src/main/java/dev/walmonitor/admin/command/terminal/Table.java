package dev.walmonitor.admin.command.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows under headings, each column as wide as it has to be. Not thread-safe. */
public final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        rows.add(List.of(headings));
    }

    /** Adds a row of as many cells as there are headings. */
    public void row(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    "Expected " + rows.getFirst().size() + " cells, got " + cells.length);
        }
        rows.add(List.of(cells));
    }

    /** Whether there is nothing below the headings. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** The lines, without spaces at their ends. */
    public List<String> lines() {
        return rows.stream().map(this::line).toList();
    }

    private String line(List<String> cells) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            padded.add(cell + " ".repeat(width(i) - cell.length()));
        }
        return padded.stream().collect(Collectors.joining(GAP)).stripTrailing();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
