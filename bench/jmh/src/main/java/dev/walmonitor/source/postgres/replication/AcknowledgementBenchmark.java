package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The guard before every status message, a transaction: received, delivered, confirmed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AcknowledgementBenchmark {
    private static final int RECORD = 128;

    private final Acknowledgement guard = new Acknowledgement(new Lsn(0));
    private long position;

    @Benchmark
    public boolean transaction() {
        position += RECORD;
        guard.received(position);
        Lsn end = new Lsn(position);
        guard.delivered(end);
        return guard.confirm(end);
    }
}
