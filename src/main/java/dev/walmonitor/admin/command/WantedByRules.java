package dev.walmonitor.admin.command;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Interest;
import java.util.List;

/** What rules want, as far as their tables and events say. */
record WantedByRules(List<Rule> rules) implements Interest {

    @Override
    public boolean wants(Relation relation, Operation operation) {
        return rules.stream().anyMatch(rule -> rule.filter().matches(relation.table(), operation));
    }

    @Override
    public boolean canRebuild() {
        return rules.stream().allMatch(WantedByRules::canRebuild);
    }

    /** A cache makes its values anew from the tables, and nothing else does. */
    static boolean canRebuild(Rule rule) {
        return rule.action().equals("cache");
    }
}
