package dev.walmonitor.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What is counted of one rule. */
final class RuleMeters {
    private final Counter done;
    private final Counter failed;
    private final Timer latency;

    RuleMeters(MeterRegistry registry, String source, String rule) {
        this.done = handled(registry, source, rule, "done");
        this.failed = handled(registry, source, rule, "failed");
        this.latency =
                Timer.builder("wal_monitor_rule_latency")
                        .description("From the commit to the end of the rule's work")
                        .tag("source", source)
                        .tag("rule", rule)
                        .serviceLevelObjectives(
                                Duration.ofMillis(1),
                                Duration.ofMillis(5),
                                Duration.ofMillis(20),
                                Duration.ofMillis(100),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(1))
                        .register(registry);
    }

    void done(long sinceCommitNanos) {
        done.increment();
        latency.record(Math.max(sinceCommitNanos, 0), TimeUnit.NANOSECONDS);
    }

    void failed() {
        failed.increment();
    }

    private static Counter handled(
            MeterRegistry registry, String source, String rule, String outcome) {
        return Counter.builder("wal_monitor_rule_handled")
                .description("Attempts of a rule to do its work for a change, by how they ended")
                .tag("source", source)
                .tag("rule", rule)
                .tag("outcome", outcome)
                .register(registry);
    }
}
