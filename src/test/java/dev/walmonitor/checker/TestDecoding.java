package dev.walmonitor.checker;

import dev.walmonitor.change.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the text of PostgreSQL's own {@code test_decoding}, as far as the tables of the checker
 * need it: {@code table s.t: UPDATE: old-key: a[integer]:1 new-tuple: a[integer]:2
 * p[text]:'it''s'}.
 */
final class TestDecoding {
    private static final String UNCHANGED = "unchanged-toast-datum";

    private final String text;
    private int at;

    private TestDecoding(String text) {
        this.text = text;
    }

    /** What of the schema a line tells, an element an ordinal; several if it is a TRUNCATE. */
    static List<Fact> read(String line, String schema) {
        if (line.startsWith("message: transactional: 1 ")) {
            return List.of(Fact.MESSAGE);
        }
        return line.startsWith("table ") ? new TestDecoding(line).facts(schema + ".") : List.of();
    }

    private List<Fact> facts(String schema) {
        expect("table ");
        String tables = upTo(": ");
        Operation operation = Operation.valueOf(upTo(":").toUpperCase(Locale.ROOT));
        List<Fact> facts = new ArrayList<>();
        if (operation == Operation.TRUNCATE) {
            for (String table : tables.split(", ")) {
                if (table.startsWith(schema)) {
                    facts.add(
                            new Fact(
                                    table.substring(schema.length()),
                                    operation,
                                    Map.of(),
                                    Map.of()));
                }
            }
        } else if (tables.startsWith(schema)) {
            facts.add(row(tables.substring(schema.length()), operation));
        }
        return facts;
    }

    private Fact row(String table, Operation operation) {
        Map<String, String> before = Map.of();
        if (text.startsWith(" old-key:", at)) {
            expect(" old-key:");
            before = values(false, Map.of());
            expect(" new-tuple:");
        }
        Map<String, String> rest = values(operation != Operation.DELETE, before);
        return operation == Operation.DELETE
                ? new Fact(table, operation, rest, Map.of())
                : new Fact(table, operation, before, rest);
    }

    /**
     * @param unchanged where a value is taken from that is not told because it did not change
     */
    private Map<String, String> values(boolean nulls, Map<String, String> unchanged) {
        Map<String, String> values = new LinkedHashMap<>();
        while (at < text.length() && !text.startsWith(" new-tuple:", at)) {
            expect(" ");
            String name = upTo("[");
            var _ = upTo("]:");
            boolean quoted = text.charAt(at) == '\'';
            String value = quoted ? quoted() : bare();
            if (quoted || !(value.equals("null") || value.equals(UNCHANGED))) {
                values.put(name, value);
            } else if (value.equals("null") && nulls) {
                values.put(name, Fact.NULL);
            } else if (unchanged.containsKey(name)) {
                values.put(name, String.valueOf(unchanged.get(name)));
            }
        }
        return values;
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        for (at++; ; at++) {
            char c = text.charAt(at);
            if (c == '\'') {
                at++;
                if (at == text.length() || text.charAt(at) != '\'') {
                    return value.toString();
                }
            }
            value.append(c);
        }
    }

    private String bare() {
        int end = text.indexOf(' ', at);
        String value = text.substring(at, end < 0 ? text.length() : end);
        at += value.length();
        return value;
    }

    private String upTo(String end) {
        int found = text.indexOf(end, at);
        if (found < 0) {
            throw new IllegalStateException("Expected \"" + end + "\" behind " + at + ": " + text);
        }
        String part = text.substring(at, found);
        at = found + end.length();
        return part;
    }

    private void expect(String part) {
        if (!text.startsWith(part, at)) {
            throw new IllegalStateException("Expected \"" + part + "\" at " + at + ": " + text);
        }
        at += part.length();
    }
}
