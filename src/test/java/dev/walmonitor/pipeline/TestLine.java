package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Checkpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pipeline between a source and handlers that do what a test says. */
final class TestLine implements Pipeline.Observer {
    final ManualLoop loop = new ManualLoop();
    final FakeSource source = new FakeSource();
    final FakeStore store = new FakeStore();
    final List<String> warmed = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();
    Pipeline.Bounds bounds = Pipeline.Bounds.DEFAULT;
    final Liveness liveness = new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(60));
    boolean observerFails;

    /** Where rules park; without one they try in memory without end. */
    @Nullable MemoryParking parking;

    private final Map<String, Rule.Retry> retries = new LinkedHashMap<>();
    private @Nullable ParkingLot lot;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Router router = new Router("main", registry);
    private final Map<String, ChangeHandler> handlers = new LinkedHashMap<>();
    private final Map<String, String> tables = new LinkedHashMap<>();
    private @Nullable Pipeline pipeline;

    /** Another rule; the delays of its retries are those of {@link Rules#RETRY}. */
    FakeHandler handler(String rule, String wanted) {
        FakeHandler handler =
                new FakeHandler() {
                    @Override
                    public Uni<HandlerResult> warm() {
                        warmed.add(rule + " before " + begun.size() + " changes");
                        return super.warm();
                    }
                };
        handlers.put(rule, handler);
        tables.put(rule, wanted);
        return handler;
    }

    /** Another rule, with a handler of the test's own. */
    void use(String rule, FakeHandler handler) {
        handlers.put(rule, handler);
    }

    /** How a rule tries again, set before {@link #start}. */
    void retry(String rule, Rule.Retry retry) {
        retries.put(rule, retry);
    }

    /** The runner of a rule. */
    RuleRunner rule(String name) {
        return router.rules().stream()
                .filter(rule -> rule.rule().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    void start() {
        lot = parking == null ? null : new ParkingLot("main", parking, loop);
        Confirmer confirmer = new Confirmer(source, store, loop, Confirmer.Pace.DEFAULT);
        pipeline =
                new Pipeline(
                        source,
                        router,
                        confirmer,
                        new LogBook("main", store, loop, router, this),
                        liveness,
                        loop,
                        bounds,
                        this,
                        lot);
        handlers.keySet().forEach(rule -> router.add(runner(rule)));
        confirmer.follow(Events.LOG);
        pipeline.start();
    }

    /** Another rule while the pipeline runs. */
    FakeHandler add(String rule, String wanted) {
        FakeHandler handler = handler(rule, wanted);
        RuleRunner runner = runner(rule);
        router.add(runner);
        pipeline().added(runner);
        return handler;
    }

    private RuleRunner runner(String rule) {
        return new RuleRunner(
                Rules.of(
                        rule,
                        tables.getOrDefault(rule, "*"),
                        retries.getOrDefault(rule, Rules.RETRY)),
                handlers.getOrDefault(rule, new FakeHandler()),
                64,
                loop,
                loop.clock(),
                () -> 0L,
                new RuleMeters(registry, "main", rule),
                pipeline(),
                lot);
    }

    double gauge(String name, String rule, String state) {
        return registry.get(name).tag("rule", rule).tag("state", state).gauge().value();
    }

    Pipeline pipeline() {
        if (pipeline == null) {
            throw new IllegalStateException("Not started");
        }
        return pipeline;
    }

    /** Waits for the rules of these names. */
    UniAssertSubscriber<Barrier> barrier(long place, Duration atMost, String... rules) {
        List<RuleRunner> wanted =
                router.rules().stream()
                        .filter(rule -> List.of(rules).contains(rule.rule().name()))
                        .toList();
        return pipeline()
                .barrier(new Lsn(place), wanted, atMost)
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());
    }

    /** Tells a whole transaction in one batch. */
    void transaction(Transaction transaction, RowChange... changes) {
        List<ChangeEvent> events = new ArrayList<>();
        events.add(Events.begin(transaction));
        events.addAll(List.of(changes));
        events.add(Events.commit(transaction));
        source.tell(events.toArray(ChangeEvent[]::new));
    }

    /** What the source would go on from. */
    Optional<Checkpoint> load() {
        return Objects.requireNonNull(source.checkpoints).load().await().indefinitely();
    }

    boolean canRebuild() {
        return router.canRebuild();
    }

    /** Nothing is on its way. */
    void assertQuiet() {
        assertThat(pipeline().status().inFlight()).isZero();
        assertThat(pipeline().bytes()).isZero();
    }

    @Override
    public void handled(Rule rule, RowChange change, HandlerResult result, long sinceCommitNanos) {
        if (observerFails) {
            throw new IllegalStateException("of the observer");
        }
        told.add(rule.name() + " " + change.id() + " " + result);
    }

    @Override
    public void missed(Gap gap) {
        told.add("missed " + gap + ": " + gap.reason());
    }

    @Override
    public void proved(Duration took) {
        told.add("proved within " + took.toMillis() + " ms");
    }

    @Override
    public void failed(Throwable failure) {
        failures.add(failure);
    }
}
