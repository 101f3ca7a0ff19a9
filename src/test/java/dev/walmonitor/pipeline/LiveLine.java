package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.ChangeSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A real pipeline with bounds and a pace of the test's own, for tests of other packages. Its source
 * delivers on the loop.
 */
public final class LiveLine {
    private static final Duration CANARY = Duration.ofMillis(200);

    private final Loop loop;
    private final Pipeline pipeline;
    private final CanaryWriter canary;

    /**
     * @param tasks how many may be on their way before the source has to wait
     * @param pace how soon the watermark is stored after it moved
     * @param failed is told when the source cannot go on, or told what cannot be
     */
    public LiveLine(
            ChangeSource source,
            WatermarkStore store,
            Loop loop,
            int lanes,
            int tasks,
            Duration pace,
            List<RunningPipelines.BoundRule> rules,
            MeterRegistry registry,
            Consumer<Throwable> failed) {
        Router router = new Router(source.name(), registry);
        Observer observer = new Observer(failed);
        Liveness liveness = new Liveness(CANARY.multipliedBy(3), CANARY);
        this.pipeline =
                new Pipeline(
                        source,
                        router,
                        new Confirmer(
                                source, store, loop, new Confirmer.Pace(pace, pace, pace, pace)),
                        new LogBook(source.name(), store, loop, router, observer),
                        liveness,
                        loop,
                        new Pipeline.Bounds(tasks, 16L << 20),
                        observer);
        this.loop = loop;
        this.canary =
                new CanaryWriter(
                        source, liveness, loop, CANARY, UUID.randomUUID().toString(), () -> {});
        pipeline.whenBegun(canary::begun);
        for (RunningPipelines.BoundRule rule : rules) {
            router.add(
                    new RuleRunner(
                            rule.rule(),
                            rule.handler(),
                            lanes,
                            loop,
                            InstantSource.system(),
                            RandomGenerator.getDefault(),
                            new RuleMeters(registry, source.name(), rule.rule().name()),
                            pipeline));
        }
    }

    public void start() {
        loop.execute(canary::start);
        pipeline.start();
    }

    /**
     * As the service ends: what was taken in is finished, stored and told, and the source let go.
     */
    public Uni<Void> drain(Duration atMost) {
        loop.execute(canary::stop);
        return pipeline.drain(atMost);
    }

    public PipelineStatus status() {
        return pipeline.status();
    }

    private record Observer(Consumer<Throwable> failures) implements Pipeline.Observer {
        @Override
        public void handled(
                Rule rule, RowChange change, HandlerResult result, long sinceCommitNanos) {}

        @Override
        public void missed(Gap gap) {
            failures.accept(new IllegalStateException("A gap is declared: " + gap.reason()));
        }

        @Override
        public void proved(Duration took) {}

        @Override
        public void failed(Throwable failure) {
            failures.accept(failure);
        }
    }
}
