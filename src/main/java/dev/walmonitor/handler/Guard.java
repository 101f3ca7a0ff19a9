package dev.walmonitor.handler;

import dev.walmonitor.rule.Rule;

/** Puts the condition of a rule before its handler. One bean, found by its type. */
@FunctionalInterface
public interface Guard {

    /** The handler itself, if the rule has no condition. */
    ChangeHandler before(Rule rule, ChangeHandler handler);
}
