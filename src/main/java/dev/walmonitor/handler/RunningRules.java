package dev.walmonitor.handler;

import dev.walmonitor.rule.Rule;

/**
 * Takes rules while the service runs. One bean; found by its type. May be called from any thread.
 */
public interface RunningRules {

    /**
     * Adds a rule. It is treated as one of the rules file from then on, but is forgotten when the
     * process ends.
     *
     * @throws IllegalArgumentException if there is no source of the rule's
     */
    void add(Rule rule, ChangeHandler handler);
}
