package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.bench.jmh.Frames;
import dev.walmonitor.bench.jmh.Frames.Shape;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.Interest;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The decoder, a row: of a table that nobody wants, of one that a rule wants, and with every column
 * read.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecoderBenchmark {
    @Param({"W1", "W2"})
    public Shape shape = Shape.W1;

    private Frames frames = new Frames(shape);
    private PgOutputDecoder wanting = decoder(Interest.ALL);
    private PgOutputDecoder unwanting = decoder(Interest.ALL);

    @Setup
    public void prepare() {
        frames = new Frames(shape);
        wanting = decoder(Interest.ALL);
        unwanting = decoder((relation, operation) -> false);
    }

    private PgOutputDecoder decoder(Interest interest) {
        PgOutputDecoder decoder = new PgOutputDecoder(interest, PrimaryKeys.UNKNOWN);
        frames.introduce(decoder);
        return decoder;
    }

    @Benchmark
    @OperationsPerInvocation(Frames.ROWS)
    public void unwanted(Blackhole sink) {
        for (int i = 0; i < frames.count(); i++) {
            sink.consume(unwanting.decode(frames.buffer(), frames.offset(i), frames.length(i)));
        }
    }

    @Benchmark
    @OperationsPerInvocation(Frames.ROWS)
    public void wanted(Blackhole sink) {
        for (int i = 0; i < frames.count(); i++) {
            sink.consume(wanting.decode(frames.buffer(), frames.offset(i), frames.length(i)));
        }
    }

    @Benchmark
    @OperationsPerInvocation(Frames.ROWS)
    public void wantedAndRead(Blackhole sink) {
        for (int i = 0; i < frames.count(); i++) {
            PgOutputMessage message =
                    wanting.decode(frames.buffer(), frames.offset(i), frames.length(i));
            Row row =
                    message instanceof PgOutputMessage.Insert insert
                            ? insert.row()
                            : message instanceof PgOutputMessage.Update update
                                    ? update.after()
                                    : null;
            sink.consume(row == null ? message : row.values());
        }
    }
}
