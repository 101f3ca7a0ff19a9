package dev.walmonitor.pipeline;

import dev.walmonitor.bench.jmh.Changes;
import dev.walmonitor.change.Lsn;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The acknowledgement queue, a transaction with one change. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WatermarkBenchmark {
    private static final int OPEN = 1000;

    private final Watermark watermark = new Watermark();
    private final Watermark.Unit[] units = new Watermark.Unit[OPEN];
    private long position;

    /** Each is done before the next begins. */
    @Benchmark
    public Watermark.Move inOrder() {
        watermark.done(received());
        return watermark.advance();
    }

    /** A thousand are open, and the last is done first. */
    @Benchmark
    @OperationsPerInvocation(OPEN)
    public Watermark.Move lastFirst() {
        for (int i = 0; i < OPEN; i++) {
            units[i] = received();
        }
        for (int i = OPEN - 1; i >= 0; i--) {
            watermark.done(units[i]);
        }
        return watermark.advance();
    }

    private Watermark.Unit received() {
        Watermark.Unit unit = watermark.begin(Changes.TRANSACTION, 0);
        unit.open();
        watermark.commit(unit, new Lsn(++position));
        return unit;
    }
}
