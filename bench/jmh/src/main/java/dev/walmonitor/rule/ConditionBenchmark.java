package dev.walmonitor.rule;

import dev.walmonitor.bench.jmh.Changes;
import dev.walmonitor.bench.jmh.Frames.Shape;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.cel.MalformedExpression;
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

/** A condition in CEL, asked of an UPDATE whose old row is there. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConditionBenchmark {
    @Param({
        "after.qty > before.qty",
        "changed('qty') && after.amount >= before.amount",
        "after.name.startsWith('order') && after.active"
    })
    public String condition = "true";

    private final RowChange change = Changes.first(Shape.W2);
    private Condition parsed = parse(condition);

    @Setup
    public void prepare() {
        parsed = parse(condition);
    }

    private static Condition parse(String text) {
        try {
            return Condition.parse(text);
        } catch (MalformedExpression e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    @Benchmark
    public Object ask() {
        return parsed.of(change);
    }
}
