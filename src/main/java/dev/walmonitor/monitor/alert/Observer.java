package dev.walmonitor.monitor.alert;

import dev.walmonitor.handler.Caches.CacheView;
import dev.walmonitor.monitor.Amounts;
import dev.walmonitor.monitor.alert.Finding.Fine;
import dev.walmonitor.monitor.alert.Finding.Unknown;
import dev.walmonitor.monitor.alert.Finding.Verdict;
import dev.walmonitor.monitor.alert.Finding.Wrong;
import dev.walmonitor.monitor.budget.BudgetStage;
import dev.walmonitor.monitor.budget.BudgetStanding;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out what is wrong with a source. Its memory is owned by whoever makes the rounds. */
final class Observer {
    private static final String NOBODY = "";

    /** How long it is told that a slot was given up. */
    private static final Duration TOLD_FOR = Duration.ofHours(1);

    private final AlertsConfig config;
    private final Map<String, Forecast> forecasts = new HashMap<>();

    Observer(AlertsConfig config) {
        this.config = config;
    }

    /**
     * Looks at a source that this instance follows.
     *
     * @param slot null if the source has none
     * @param gauges null if its database could not be asked
     * @param budget how the slot's budget stands; null if it has none
     * @param rules and {@code caches}: those of any source
     */
    List<Finding> look(
            PipelineStatus status,
            @Nullable String slot,
            @Nullable LogGauges gauges,
            @Nullable BudgetStanding budget,
            List<RuleStanding> rules,
            List<CacheView> caches,
            Instant now) {
        String source = status.source().source();
        List<Finding> findings = new ArrayList<>();
        findings.add(about(source, AlertKind.NOT_STREAMING, state(status.source())));
        findings.add(about(source, AlertKind.LAG, lag(source, gauges)));
        BudgetStanding known =
                budget == null ? BudgetStanding.unseen(null, config.retainedPercent()) : budget;
        findings.add(
                about(source, AlertKind.RETAINED_WAL, retained(source, slot, gauges, known, now)));
        stages(source, known, now, findings);
        findings.add(about(source, AlertKind.SLOT_INACTIVE, inactive(source, slot, gauges)));
        rules.stream()
                .filter(rule -> rule.source().equals(source))
                .forEach(rule -> {
                    findings.add(deadLetters(rule));
                    findings.add(disabled(rule));
                });
        caches.stream()
                .filter(cache -> cache.source().equals(source))
                .forEach(cache -> findings.add(divergence(cache)));
        return findings;
    }

    private static Finding about(String source, AlertKind kind, Verdict verdict) {
        return new Finding(new AlertKey(source, kind, NOBODY), verdict, false);
    }

    private static Verdict state(SourceStatus status) {
        SourceFailure failure = status.failure();
        if (status.state().isProved() || status.state() == SourceState.STOPPING) {
            return new Fine();
        }
        String remedy = failure == null ? null : failure.remedy();
        return new Wrong(
                "The source \""
                        + status.source()
                        + "\" is "
                        + status.state()
                        + " since "
                        + status.since()
                        + (failure == null ? "." : ": " + failure.sentence()),
                remedy != null
                        ? remedy
                        : "It goes on by itself when the cause is gone; GET /api/v1/replication/"
                                + status.source()
                                + "/status tells more.");
    }

    private Verdict lag(String source, @Nullable LogGauges gauges) {
        if (gauges == null) {
            return new Unknown();
        }
        if (gauges.lagBytes() < config.lag().asLongValue()) {
            return new Fine();
        }
        return new Wrong(
                "The source \""
                        + source
                        + "\" is "
                        + Amounts.bytes(gauges.lagBytes())
                        + " behind: so much log was written and is not confirmed.",
                "See in GET /api/v1/rules which rule has the most in memory or parked, and mend or pause what it"
                        + " calls.");
    }

    private static void stages(
            String source, BudgetStanding budget, Instant now, List<Finding> findings) {
        findings.add(
                stage(
                        source,
                        AlertKind.SLOT_SPILL,
                        budget,
                        budget.isAt(BudgetStage.SPILL),
                        "GET /api/v1/rules shows them as paused; what they have to do is parked, and done when the slot"
                                + " has room. "));
        findings.add(
                stage(
                        source,
                        AlertKind.SLOT_INVALIDATE,
                        budget,
                        budget.isAt(BudgetStage.INVALIDATE),
                        "Keys of these rules are missing until the slot has room; then they are filled. "));
        Instant at = budget.givenUpAt();
        boolean lately = at != null && now.isBefore(at.plus(TOLD_FOR));
        findings.add(
                new Finding(
                        new AlertKey(source, AlertKind.SLOT_GIVEN_UP, NOBODY),
                        lately
                                ? new Wrong(
                                        budget.givenUp() + " That was at " + at + ".",
                                        "Caches are made anew. What other rules have missed is a gap on record"
                                                + " (wal_monitor.gap). Find in GET /api/v1/rules what held the slot up,"
                                                + " or it fills again.")
                                : new Fine(),
                        true));
        findings.add(
                new Finding(
                        new AlertKey(source, AlertKind.SLOT_KEPT, NOBODY),
                        budget.kept() == null
                                ? new Fine()
                                : new Wrong(
                                        "The slot of source \""
                                                + source
                                                + "\" has used up "
                                                + budget.percent()
                                                + " % of its budget, and is not given up: "
                                                + budget.kept(),
                                        String.valueOf(budget.remedy())),
                        true));
    }

    private static Finding stage(
            String source,
            AlertKind kind,
            BudgetStanding budget,
            boolean reached,
            String consequence) {
        return new Finding(
                new AlertKey(source, kind, NOBODY),
                reached
                        ? new Wrong(
                                "Source \"" + source + "\": " + budget.sentence(),
                                consequence + budget.remedy())
                        : new Fine(),
                true);
    }

    private Verdict retained(
            String source,
            @Nullable String slot,
            @Nullable LogGauges gauges,
            BudgetStanding budget,
            Instant now) {
        Forecast forecast = forecasts.computeIfAbsent(source, name -> new Forecast());
        Long limit = gauges == null ? null : budget.limit(gauges);
        if (gauges == null || limit == null) {
            forecast.forget();
            return gauges == null ? new Unknown() : new Fine();
        }
        Long safe = gauges.safeBytes();
        if (safe != null) {
            forecast.read(now, safe);
        }
        Optional<Duration> left = safe == null ? Optional.empty() : forecast.timeLeft();
        boolean full = gauges.retainedBytes() * 100.0 >= (double) budget.warnAt() * limit;
        boolean soon = left.isPresent() && left.get().compareTo(config.timeLeft()) < 0;
        if (!full && !soon) {
            return new Fine();
        }
        return new Wrong(
                "The database keeps "
                        + Amounts.bytes(gauges.retainedBytes())
                        + " of log for the slot \""
                        + slot
                        + "\", of "
                        + Amounts.bytes(limit)
                        + (budget.size() == null
                                ? " that max_slot_wal_keep_size allows"
                                : " that its budget allows")
                        + left.map(time ->
                                        "; at the rate of the last minutes the slot is lost in about "
                                                + Amounts.time(time))
                                .orElse("")
                        + ".",
                retainedRemedy(gauges, safe != null));
    }

    private static String retainedRemedy(LogGauges gauges, boolean limited) {
        String raise =
                limited
                        ? " To gain time: ALTER SYSTEM SET max_slot_wal_keep_size = '…'; SELECT pg_reload_conf();"
                        : "";
        return !gauges.isOurs()
                ? "A transaction that was left open holds most of it; find and end it: SELECT pid, xact_start, query"
                        + " FROM pg_stat_activity WHERE xact_start < now() - interval '10 minutes';"
                        + raise
                : "Mend what keeps WAL Monitor from confirming (GET /api/v1/rules tells which rule is behind)."
                        + raise;
    }

    private static Verdict inactive(
            String source, @Nullable String slot, @Nullable LogGauges gauges) {
        if (gauges == null || slot == null) {
            return gauges == null ? new Unknown() : new Fine();
        }
        return gauges.active()
                ? new Fine()
                : new Wrong(
                        "Nobody is connected to the slot \""
                                + slot
                                + "\" of the source \""
                                + source
                                + "\", and the database keeps "
                                + Amounts.bytes(gauges.retainedBytes())
                                + " of log for it.",
                        "GET /api/v1/replication/"
                                + source
                                + "/status tells what keeps WAL Monitor from it. If the slot is not needed any more: SELECT"
                                + " pg_drop_replication_slot('"
                                + slot.replace("'", "''")
                                + "');");
    }

    private static Finding deadLetters(RuleStanding rule) {
        return new Finding(
                new AlertKey(rule.source(), AlertKind.DEAD_LETTERS, rule.rule()),
                rule.dead() == 0
                        ? new Fine()
                        : new Wrong(
                                "The rule \""
                                        + rule.rule()
                                        + "\" has given up "
                                        + (rule.dead() == 1
                                                ? "a change."
                                                : rule.dead() + " changes."),
                                "GET /api/v1/dead-letters?rule="
                                        + rule.rule()
                                        + " tells why; then POST /api/v1/dead-letters/retry or /discard."),
                true);
    }

    private static Finding disabled(RuleStanding rule) {
        String why = rule.disabled();
        return new Finding(
                new AlertKey(rule.source(), AlertKind.RULE_DISABLED, rule.rule()),
                why == null
                        ? new Fine()
                        : new Wrong(
                                "The rule \"" + rule.rule() + "\" is disabled: " + why,
                                "Take the rule out, or correct it, and start WAL Monitor again. What it left out can be"
                                        + " replayed, if a rule archived it."),
                true);
    }

    private Finding divergence(CacheView cache) {
        Verdict verdict;
        if (Double.isNaN(cache.divergence())) {
            verdict = new Unknown();
        } else if (cache.divergence() <= config.divergence()) {
            verdict = new Fine();
        } else {
            verdict =
                    new Wrong(
                            String.format(
                                    Locale.ROOT,
                                    "Of the keys of rule \"%s\" that were last audited, %.1f %% were wrong.",
                                    cache.rule(),
                                    100 * cache.divergence()),
                            "Find out who else writes these keys, or whether Redis lost data. POST /api/v1/caches/"
                                    + cache.rule()
                                    + "/rebuild makes all of them anew.");
        }
        return new Finding(
                new AlertKey(cache.source(), AlertKind.CACHE_DIVERGENCE, cache.rule()),
                verdict,
                true);
    }

    /**
     * What a monitor row that says ERROR is found to be. One of ours may say so for the moment in
     * which a database starts again; a listener knows what it says.
     */
    static Finding error(String source, @Nullable String message, boolean configured) {
        return new Finding(
                new AlertKey(source, AlertKind.MONITOR_ERROR, NOBODY),
                new Wrong(
                        "The monitor row of the source \""
                                + source
                                + "\" says ERROR"
                                + (message == null ? "." : ": " + message),
                        configured
                                ? "GET /api/v1/replication/"
                                        + source
                                        + "/status tells what mends it."
                                : "Look at the listener of this source; GET /api/v1/wal-monitor/sources/"
                                        + source
                                        + " tells what it said last."),
                !configured);
    }
}
