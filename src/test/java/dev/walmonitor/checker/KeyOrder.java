package dev.walmonitor.checker;

import dev.walmonitor.change.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether one rule is given the changes of a key one after the other. A TRUNCATE shares a key with
 * every change of its table.
 */
final class KeyOrder {

    /** A change that is to be done. */
    static final class Item {
        final int place;
        final int ordinal;
        final Fact fact;
        final Set<String> keys;
        boolean done;
        boolean doneInThisLife;

        /**
         * @param place of its transaction
         */
        Item(int place, int ordinal, Fact fact) {
            this.place = place;
            this.ordinal = ordinal;
            this.fact = fact;
            this.keys = Keys.of(fact);
        }

        private boolean isTruncate() {
            return fact.operation() == Operation.TRUNCATE;
        }

        private boolean isBefore(Item other) {
            return place != other.place ? place < other.place : ordinal < other.ordinal;
        }
    }

    /** Changes in the order of the log, and up to where they are done. */
    private static final class Line {
        private final List<Item> items = new ArrayList<>();
        private int done;

        private @Nullable Item firstOpen() {
            while (done < items.size() && items.get(done).done) {
                done++;
            }
            return done < items.size() ? items.get(done) : null;
        }
    }

    private final Map<Long, Item> items = new HashMap<>();
    private final Map<String, Line> keys = new HashMap<>();
    private final Map<String, Line> truncates = new HashMap<>();
    private final Map<String, Line> tables = new HashMap<>();
    private final Set<Item> running = new HashSet<>();

    private static long id(int place, int ordinal) {
        return (long) place << 32 | ordinal;
    }

    /** Changes are expected in the order of the log. */
    void expect(Item item) {
        items.put(id(item.place, item.ordinal), item);
        String table = item.fact.origin();
        line(tables, table).items.add(item);
        if (item.isTruncate()) {
            line(truncates, table).items.add(item);
        }
        item.keys.forEach(key -> line(keys, key).items.add(item));
    }

    private static Line line(Map<String, Line> lines, String name) {
        return lines.computeIfAbsent(name, n -> new Line());
    }

    @Nullable Item find(int place, int ordinal) {
        return items.get(id(place, ordinal));
    }

    /** What should not be so, or null. */
    @Nullable String begin(Item item) {
        for (Item other : running) {
            if (isShared(item, other)) {
                return "begun while "
                        + other.place
                        + ":"
                        + other.ordinal
                        + " "
                        + other.fact
                        + " of the same key is under way";
            }
        }
        for (Line line : linesBefore(item)) {
            Item first = line.firstOpen();
            if (first != null && first.isBefore(item)) {
                return "begun before "
                        + first.place
                        + ":"
                        + first.ordinal
                        + " "
                        + first.fact
                        + " of the same key was done";
            }
        }
        var _ = running.add(item);
        return null;
    }

    private List<Line> linesBefore(Item item) {
        String table = item.fact.origin();
        if (item.isTruncate()) {
            return List.of(line(tables, table));
        }
        List<Line> lines = new ArrayList<>(List.of(line(truncates, table)));
        item.keys.forEach(key -> lines.add(line(keys, key)));
        return lines;
    }

    private static boolean isShared(Item one, Item other) {
        if (!one.fact.origin().equals(other.fact.origin())) {
            return false;
        }
        return one.isTruncate()
                || other.isTruncate()
                || one.keys.stream().anyMatch(other.keys::contains);
    }

    void end(Item item) {
        var _ = running.remove(item);
    }

    /** The process is gone. */
    void stopAll() {
        running.clear();
    }
}
