package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.spill.Disk;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What all sessions of one source share.
 *
 * @param source its name
 */
record Surroundings(
        String source,
        SlotOptions options,
        StreamRequest request,
        Remedies remedies,
        DemandGate gate,
        Timers timers,
        Disk disk,
        Bypass bypass,
        MeterRegistry registry) {

    /** Counts a message that was not asked for and says nothing. */
    void unexpected(char type) {
        registry.counter(
                        "wal_monitor_unexpected_messages",
                        "source",
                        source,
                        "type",
                        String.valueOf(type))
                .increment();
    }

    /** Counts the places in traces that applications name; made once a session. */
    TransactionAssembler.Traced traced() {
        Counter taken = contexts("taken");
        Counter bad = contexts("bad");
        return readable -> (readable ? taken : bad).increment();
    }

    private Counter contexts(String outcome) {
        return Counter.builder("wal_monitor_trace_contexts")
                .description("Places in traces that applications named, by what became of them")
                .tag("source", source)
                .tag("outcome", outcome)
                .register(registry);
    }
}
