package dev.walmonitor.pipeline;

import dev.walmonitor.change.TableName;
import dev.walmonitor.rule.TablePattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules by the tables that they name, so that thousands of rules cost a table nothing that is
 * not named by them; only rules with a glob are asked one by one. Immutable.
 */
final class RuleIndex {
    static final RuleIndex EMPTY = new RuleIndex(List.of());

    private final List<RuleRunner> all;
    private final Map<TableName, List<RuleRunner>> named = new HashMap<>();
    private final List<RuleRunner> globs = new ArrayList<>();
    private final Map<RuleRunner, Integer> places = new HashMap<>();

    private RuleIndex(List<RuleRunner> all) {
        this.all = List.copyOf(all);
        for (RuleRunner runner : all) {
            places.put(runner, places.size());
            boolean glob = false;
            for (TablePattern pattern : runner.rule().filter().tables()) {
                if (pattern.isGlob()) {
                    glob = true;
                } else {
                    named.computeIfAbsent(pattern.name(), name -> new ArrayList<>()).add(runner);
                }
            }
            if (glob) {
                globs.add(runner);
            }
        }
    }

    RuleIndex with(Collection<RuleRunner> more) {
        List<RuleRunner> together = new ArrayList<>(all);
        together.addAll(more);
        return new RuleIndex(together);
    }

    List<RuleRunner> all() {
        return all;
    }

    /** The rules about a table, in the order in which they were added, each once. */
    List<RuleRunner> of(TableName table) {
        Set<RuleRunner> found = new LinkedHashSet<>(named.getOrDefault(table, List.of()));
        for (RuleRunner runner : globs) {
            if (runner.rule().filter().matches(table)) {
                found.add(runner);
            }
        }
        List<RuleRunner> ordered = new ArrayList<>(found);
        ordered.sort((a, b) -> Integer.compare(place(a), place(b)));
        return ordered;
    }

    private int place(RuleRunner runner) {
        return places.getOrDefault(runner, -1);
    }

    /** How many rules have to be looked at to answer for a table. */
    int candidates(TableName table) {
        return named.getOrDefault(table, List.of()).size() + globs.size();
    }
}
