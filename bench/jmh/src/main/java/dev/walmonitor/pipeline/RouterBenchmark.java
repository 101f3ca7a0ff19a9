package dev.walmonitor.pipeline;

import dev.walmonitor.bench.jmh.Changes;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** Where a change goes, with one rule and with ten thousand over a thousand tables. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouterBenchmark {
    private static final int TABLES = 1000;

    @Param({"1", "10000"})
    public int rules = 1;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Relation busy = relation(0);
    private final Relation other = relation(1);
    private Router router = new Router("main", registry);
    private RuleIndex index = RuleIndex.EMPTY;

    @Setup
    public void prepare() {
        List<RuleRunner> runners = IntStream.range(0, rules).mapToObj(this::rule).toList();
        router = new Router("main", registry);
        router.addAll(runners);
        index = RuleIndex.EMPTY.with(runners);
    }

    /** As nearly always: of the same table as the change before. */
    @Benchmark
    public Object sameTable() {
        return router.route(busy).runners(Operation.INSERT);
    }

    /** Two changes, of two tables in turn. */
    @Benchmark
    public int tablesInTurn() {
        return router.route(busy).runners(Operation.INSERT).length
                + router.route(other).runners(Operation.INSERT).length;
    }

    /** Once a relation: which rules there are about a table. */
    @Benchmark
    public Object lookUp() {
        return index.of(busy.table());
    }

    private static Relation relation(int number) {
        return new Relation(
                20_000 + number,
                TableName.parse("public.t" + number),
                ReplicaIdentity.DEFAULT,
                List.of(new Column("id", 20, -1, true)),
                List.of(0));
    }

    private RuleRunner rule(int number) {
        Filter filter =
                new Filter(
                        List.of(TablePattern.parse("public.t" + number % TABLES)),
                        Set.of(Operation.values()));
        Rule rule = new Rule("r" + number, "bench", "main", filter, Rule.Retry.DEFAULT);
        return new RuleRunner(
                rule,
                change -> Uni.createFrom().item(HandlerResult.NONE),
                8,
                new NoLoop(),
                Changes.TRANSACTION::time,
                () -> 0L,
                new RuleMeters(registry, "main", "bench"),
                (task, result, nanos) -> {});
    }

    /** Routing needs none. */
    private record NoLoop() implements Loop {
        @Override
        public boolean isHere() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
            throw new UnsupportedOperationException("nothing is put off here");
        }
    }
}
