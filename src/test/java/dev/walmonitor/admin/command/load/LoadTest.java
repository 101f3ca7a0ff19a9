package dev.walmonitor.admin.command.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.walmonitor.admin.command.remote.RuleLatencies.Heard;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final TableName TABLE = new TableName("public", "roles");
    private static final Uni<Simulation.Deed> DONE = deed(Operation.UPDATE, null);

    private static Uni<Simulation.Deed> deed(Operation operation, @Nullable String failure) {
        return Uni.createFrom().item(new Simulation.Deed(TABLE, operation, failure));
    }

    private static Uni<Simulation.Deed> after(int millis) {
        return DONE.onItem().delayIt().by(Duration.ofMillis(millis));
    }

    /** Answers as it is told. */
    private record Scripted(AtomicInteger asked, IntFunction<Uni<Deed>> answers)
            implements Simulation {
        private Scripted(IntFunction<Uni<Deed>> answers) {
            this(new AtomicInteger(), answers);
        }

        @Override
        public Uni<Plan> plan(Predicate<TableName> wanted) {
            throw new AssertionError("Not asked for");
        }

        @Override
        public Uni<Deed> next() {
            return answers.apply(asked.getAndIncrement());
        }

        @Override
        public Uni<Integer> tidyUp() {
            throw new AssertionError("Not asked for");
        }

        @Override
        public Uni<Void> close() {
            throw new AssertionError("Not asked for");
        }
    }

    private static LoadResult run(double rate, int millis, Simulation... clients) {
        return new Load(List.of(clients), rate, Duration.ofMillis(millis), () -> false)
                .run((part, changes, since) -> {});
    }

    @Test
    void whatWaitsBehindAStallIsCountedWithItsWaiting() {
        LoadResult result = run(100, 1000, new Scripted(i -> i == 20 ? after(300) : DONE));

        assertThat(result.done()).isEqualTo(100);
        assertThat(result.due()).isEqualTo(100);
        assertThat(result.notBegun()).isZero();
        assertThat(result.took()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        // one statement was slow, and fifteen changes were due in the first half of its time
        assertThat(result.fromSent().getMaxValue()).isGreaterThanOrEqualTo(299_000);
        assertThat(result.fromDue().getCountBetweenValues(148_000, Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(14);
    }

    @Test
    void whatCouldNotBeBegunIsNotKeptBack() {
        LoadResult result =
                run(1000, 300, new Scripted(i -> after(20)), new Scripted(i -> after(20)));

        assertThat(result.connections()).isEqualTo(2);
        assertThat(result.due()).isEqualTo(300);
        assertThat(result.begun()).isEqualTo(result.done()).isLessThanOrEqualTo(32);
        assertThat(result.notBegun()).isEqualTo(300 - result.begun());
        assertThat(result.reached()).isLessThan(120);
    }

    @Test
    void itEndsWhenItIsInterrupted() {
        Scripted client = new Scripted(i -> DONE);

        LoadResult result =
                new Load(
                                List.of(client),
                                200,
                                Duration.ofHours(1),
                                () -> client.asked().get() >= 10)
                        .run((part, changes, since) -> {});

        assertThat(result.interrupted()).isTrue();
        assertThat(result.failure()).isNull();
        assertThat(result.done()).isEqualTo(10);
        assertThat(result.due()).isBetween(10L, 3_600L * 200 - 1);
    }

    @Test
    void itEndsWhenTheDatabaseIsGone() {
        SourceException gone =
                new SourceException(
                        new SourceFailure(
                                SourceState.FAILED, "simulation", "Gone.", null, Retry.NEVER));

        LoadResult result =
                run(
                        500,
                        60_000,
                        new Scripted(i -> i < 5 ? DONE : Uni.createFrom().failure(gone)),
                        new Scripted(i -> DONE));

        assertThat(result.failure()).isEqualTo(gone.getMessage());
        assertThat(result.interrupted()).isFalse();
        assertThat(result.took()).isLessThan(Duration.ofSeconds(50));
    }

    @Test
    void aChangeThatIsRefusedHasNoLatency() {
        LoadResult result =
                run(
                        1000,
                        100,
                        new Scripted(i -> i % 2 == 0 ? DONE : deed(Operation.INSERT, "no " + i)));

        assertThat(result.done()).isEqualTo(50);
        assertThat(result.refused()).isEqualTo(50);
        assertThat(result.fromDue().getTotalCount()).isEqualTo(50);
        assertThat(result.tables().values()).extracting(Tally::why).containsExactly("no 1");
    }

    private static LoadReport report() {
        Map<TableName, Tally> tables = new TreeMap<>((a, b) -> a.name().compareTo(b.name()));
        Tally tally = new Tally();
        tally.count(new Simulation.Deed(TABLE, Operation.INSERT, null));
        tally.count(new Simulation.Deed(TABLE, Operation.UPDATE, null));
        tally.count(new Simulation.Deed(TABLE, Operation.DELETE, "It is needed."));
        tables.put(TABLE, tally);
        return new LoadReport(
                "main",
                new LoadResult(
                        2.5,
                        Duration.ofSeconds(2),
                        2,
                        true,
                        5,
                        3,
                        tables,
                        of(800, 21_000),
                        of(800, 1_500),
                        null),
                new Heard(new TreeMap<>(Map.of("roles", of(2_000))), "There is no service."),
                0);
    }

    private static Histogram of(long... micros) {
        Histogram histogram = new Histogram(3);
        for (long each : micros) {
            histogram.recordValue(each);
        }
        return histogram;
    }

    @Test
    void aPersonReadsTables() {
        assertThat(report().lines())
                .containsExactly(
                        "TABLE         INSERT  UPDATE  DELETE  REFUSED",
                        "public.roles  1       1       0       1",
                        "public.roles has refused: It is needed.",
                        "",
                        "LATENCY                        P50     P95     P99     P99.9   MAX     CHANGES",
                        "commit, from when it was due   0.80ms  21.0ms  21.0ms  21.0ms  21.0ms  2",
                        "commit, from when it was sent  0.80ms  1.50ms  1.50ms  1.50ms  1.50ms  2",
                        "commit to done, rule roles     2.00ms  2.00ms  2.00ms  2.00ms  2.00ms  1",
                        "How long rules took was not measured to the end: There is no service.",
                        "",
                        "2 changes in 2.0 s over 2 connections: 1.0 a second of 2.5, interrupted.",
                        "2 changes were due and found no connection free: the database is at its"
                                + " limit, or --connections too few.",
                        "The rows that were inserted are deleted again.");
    }

    @Test
    void aScriptReadsJson() throws Exception {
        JsonMapper mapper = new JsonMapper();
        assertThat(mapper.readTree(report().json().toString()))
                .isEqualTo(
                        mapper.readTree(
                                """
                                {"source": "main", "seconds": 2.0, "connections": 2, "interrupted": true, "failure": null,
                                 "rate": {"offered": 2.5, "reached": 1.0},
                                 "changes": {"due": 5, "done": 2, "refused": 1, "not_begun": 2},
                                 "tables": [{"table": "public.roles", "insert": 1, "update": 1, "delete": 0, "refused": 1, "why": "It is needed."}],
                                 "commit": {
                                   "from_due": {"changes": 2, "p50_ms": 0.8, "p95_ms": 21.007, "p99_ms": 21.007, "p999_ms": 21.007, "max_ms": 21.007},
                                   "from_sent": {"changes": 2, "p50_ms": 0.8, "p95_ms": 1.5, "p99_ms": 1.5, "p999_ms": 1.5, "max_ms": 1.5}},
                                 "commit_to_done": {"rules": [{"rule": "roles", "changes": 1, "p50_ms": 2.0, "p95_ms": 2.0, "p99_ms": 2.0, "p999_ms": 2.0, "max_ms": 2.0}], "not_measured": "There is no service."},
                                 "rows_left": 0}
                                """));
    }
}
