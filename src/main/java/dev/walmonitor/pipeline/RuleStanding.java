package dev.walmonitor.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * How a rule stands.
 *
 * @param action the word of its action
 * @param paused why it does nothing; null if it does
 * @param behind whether everything is parked, because the rule is paused or fell behind
 * @param open how many changes it has in memory
 * @param parked how many changes wait in the database
 * @param dead how many were given up
 * @param disabled why its handler does nothing until the next start; null if it works
 */
public record RuleStanding(
        String source,
        String rule,
        String action,
        @Nullable String paused,
        boolean behind,
        int open,
        long parked,
        long dead,
        @Nullable String disabled) {

    /** Of one whose handler works. */
    public RuleStanding(
            String source,
            String rule,
            String action,
            @Nullable String paused,
            boolean behind,
            int open,
            long parked,
            long dead) {
        this(source, rule, action, paused, behind, open, parked, dead, null);
    }

    /** The same with so many changes in memory. */
    RuleStanding open(int now) {
        return new RuleStanding(source, rule, action, paused, behind, now, parked, dead, disabled);
    }

    /** The same with a handler that does nothing any more. */
    RuleStanding disabled(String why) {
        return new RuleStanding(source, rule, action, paused, behind, open, parked, dead, why);
    }
}
