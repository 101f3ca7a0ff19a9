package dev.walmonitor.handler;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import io.smallrye.mutiny.Uni;
import java.util.List;

/** Makes the handlers of one action. One bean an action, found by its type; nobody imports it. */
public interface ActionFactory {

    /** The word in the rules file, such as {@code cache}. */
    String action();

    /**
     * The configuration mapping of the action's own keys: an interface with the prefix {@link
     * dev.walmonitor.rule.RulesConfig#PREFIX}. The keys that it knows are known, others are faults.
     */
    Class<?> settings();

    /**
     * Every fault that would keep the rule from working: a column that no table has or that the
     * replica identity does not send, a statement that the database refuses. Never fails: a
     * database that cannot be asked is a fault too.
     *
     * @param tables the tables that exist and match the rule now; a glob may match none
     */
    Uni<List<Fault>> check(Rule rule, List<Relation> tables);

    /** The handler of a rule that was checked. */
    ChangeHandler create(Rule rule);

    /**
     * What the rule would do about a change that is its business, one sentence an effect, without
     * doing any of it. May ask the database; fails if that cannot be asked.
     */
    default Uni<List<String>> preview(Rule rule, RowChange change) {
        return Uni.createFrom().item(List.of("would do its action, " + action() + "."));
    }
}
