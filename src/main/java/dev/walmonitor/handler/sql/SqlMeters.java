package dev.walmonitor.handler.sql;

import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What became of the changes of one rule. Thread-safe. */
final class SqlMeters {
    private final Counter applied;
    private final Counter known;
    private final Counter skipped;

    SqlMeters(MeterRegistry registry, Rule rule) {
        applied = counter(registry, rule, "applied");
        known = counter(registry, rule, "known");
        skipped = counter(registry, rule, "skipped");
    }

    private static Counter counter(MeterRegistry registry, Rule rule, String outcome) {
        return Counter.builder("wal_monitor_sql_changes")
                .description("Changes that came to a rule of the action sql, by what was done")
                .tag("source", rule.source())
                .tag("rule", rule.name())
                .tag("outcome", outcome)
                .register(registry);
    }

    void applied() {
        applied.increment();
    }

    /** It had been applied before. */
    void known() {
        known.increment();
    }

    /** There was no row to take values from. */
    void skipped() {
        skipped.increment();
    }
}
