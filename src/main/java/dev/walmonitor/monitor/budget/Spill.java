package dev.walmonitor.monitor.budget;

import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.pipeline.RuleStanding;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Keeps slow rules from filling the database's disk: while a slot's budget says so, the rule with
 * the most in memory is paused, one a look. What a paused rule has to do is parked in the monitor
 * database, in order, and confirmed. It goes on when the slot has room again. Its only memory is
 * the reason that each pause is on record with, so it survives restarts and leaves alone what an
 * operator has paused.
 */
final class Spill {
    static final String REASON = "the replication slot was nearly full";

    private static final Logger LOG = Logger.getLogger(Spill.class);

    private final Pipelines pipelines;

    Spill(Pipelines pipelines) {
        this.pipelines = pipelines;
    }

    /**
     * Lets rules of a source go on that were parked.
     *
     * @param why for people
     */
    void goOn(String source, Predicate<String> which, String why) {
        for (RuleStanding rule : rules(source)) {
            if (which.test(rule.rule())
                    && REASON.equals(rule.paused())
                    && pipelines.resume(source, rule.rule())) {
                LOG.infof("Source %s: rule %s goes on: %s.", source, rule.rule(), why);
            }
        }
    }

    /** Parks that rule of a source which has the most in memory. */
    void parkOne(String source, Predicate<String> which) {
        rules(source).stream()
                .filter(rule -> which.test(rule.rule()))
                .filter(rule -> rule.paused() == null && rule.open() > 0)
                .max(Comparator.comparingInt(RuleStanding::open))
                .ifPresent(rule -> {
                    if (pipelines.pause(source, rule.rule(), REASON)) {
                        LOG.warnf(
                                "Rule %s is paused, and its changes are parked: the slot of source %s is nearly full,"
                                        + " and %d of its changes wait.",
                                rule.rule(), source, rule.open());
                    }
                });
    }

    private List<RuleStanding> rules(String source) {
        return pipelines.rules().stream().filter(rule -> rule.source().equals(source)).toList();
    }
}
