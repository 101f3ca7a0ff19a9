package dev.walmonitor.monitor.alert;

import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.LogGauges;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps slow rules from filling the database's disk: while a slot is nearly full because we have
 * not confirmed what it keeps, the rule with the most in memory is paused, one a round. What a
 * paused rule has to do is parked in the monitor database, in order, and confirmed. It goes on when
 * the alert is over. Its only memory is the reason that each pause is on record with, so it
 * survives restarts and leaves alone what an operator has paused.
 */
final class Spill {
    static final String REASON = "the replication slot was nearly full";

    private static final Logger LOG = Logger.getLogger(Spill.class);

    private final Pipelines pipelines;

    Spill(Pipelines pipelines) {
        this.pipelines = pipelines;
    }

    /**
     * @param source one that this instance follows
     * @param active the alerts that are raised and not over
     */
    void look(String source, @Nullable LogGauges gauges, Set<AlertKey> active) {
        if (!active.contains(new AlertKey(source, AlertKind.RETAINED_WAL, ""))) {
            goOn(source);
        } else if (gauges != null && gauges.lagBytes() >= gauges.retainedBytes() / 2) {
            parkOne(source);
        }
    }

    private void goOn(String source) {
        for (RuleStanding rule : rules(source)) {
            if (REASON.equals(rule.paused()) && pipelines.resume(source, rule.rule())) {
                LOG.infof("Rule %s goes on: the slot of source %s has room.", rule.rule(), source);
            }
        }
    }

    private void parkOne(String source) {
        rules(source).stream()
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
