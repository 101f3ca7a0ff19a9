package dev.walmonitor.rule;

import dev.walmonitor.bench.jmh.Changes;
import dev.walmonitor.bench.jmh.Frames.Shape;
import dev.walmonitor.change.RowChange;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A key made of a row's values, which are decoded for it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TemplateBenchmark {
    @Param({"listing:{id}", "order:{id}:{created_at}"})
    public String template = "";

    private final RowChange change = Changes.first(Shape.W1);
    private Template parsed = Template.parse(template);

    @Setup
    public void prepare() {
        parsed = Template.parse(template);
    }

    @Benchmark
    public Object key() {
        return parsed.key(change, Side.NEW);
    }
}
