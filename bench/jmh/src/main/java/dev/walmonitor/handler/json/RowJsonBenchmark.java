package dev.walmonitor.handler.json;

import dev.walmonitor.bench.jmh.Changes;
import dev.walmonitor.bench.jmh.Frames.Shape;
import dev.walmonitor.change.Row;
import dev.walmonitor.sink.sql.Queries;
import java.lang.reflect.Proxy;
import java.util.Objects;
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

/** A row written as the database would write it, from the bytes of the log. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RowJsonBenchmark {
    @Param({"W1", "W2"})
    public Shape shape = Shape.W1;

    /** The types of these rows are known without asking. */
    private final RowJson json = new RowJson(new TypeShapes(nobody()));

    private Row row = row(shape);

    @Setup
    public void prepare() {
        row = row(shape);
    }

    private static Row row(Shape shape) {
        return Objects.requireNonNull(Changes.first(shape).after());
    }

    private static Queries nobody() {
        return (Queries)
                Proxy.newProxyInstance(
                        Queries.class.getClassLoader(),
                        new Class<?>[] {Queries.class},
                        (proxy, method, arguments) -> {
                            throw new UnsupportedOperationException(method.getName());
                        });
    }

    @Benchmark
    public String render() {
        return Objects.requireNonNull(json.render(row.relation(), row.values()));
    }
}
