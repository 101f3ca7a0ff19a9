package dev.walmonitor.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of one rule. */
final class RuleMeters {
    private final Counter done;
    private final Counter failed;
    private final Counter parked;
    private final Counter dead;
    private final Counter dropped;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong givenUp = new AtomicLong();
    private final Timer latency;

    RuleMeters(MeterRegistry registry, String source, String rule) {
        this.done = handled(registry, source, rule, "done");
        this.failed = handled(registry, source, rule, "failed");
        this.parked = handled(registry, source, rule, "parked");
        this.dead = handled(registry, source, rule, "dead");
        this.dropped = handled(registry, source, rule, "dropped");
        gauge(registry, source, rule, "parked", waiting);
        gauge(registry, source, rule, "dead", givenUp);
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

    void parked() {
        parked.increment();
    }

    void dead() {
        dead.increment();
    }

    void dropped() {
        dropped.increment();
    }

    /** How many changes wait in the database, and how many were given up. */
    void waiting(long parkedNow, long deadNow) {
        waiting.set(parkedNow);
        givenUp.set(deadNow);
    }

    private static void gauge(
            MeterRegistry registry, String source, String rule, String state, AtomicLong value) {
        var _ =
                Gauge.builder("wal_monitor_parked", value, AtomicLong::doubleValue)
                        .description(
                                "Changes of a rule that wait in the monitor database, or were given up")
                        .tag("source", source)
                        .tag("rule", rule)
                        .tag("state", state)
                        .register(registry);
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
