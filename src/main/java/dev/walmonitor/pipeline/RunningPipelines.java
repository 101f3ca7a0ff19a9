package dev.walmonitor.pipeline;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.handler.RunningRules;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourceState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The pipelines of this process. Thread-safe. */
@ApplicationScoped
public class RunningPipelines implements Pipelines, Progress, RunningRules {
    private static final Logger LOG = Logger.getLogger(RunningPipelines.class);

    /** What rules answer about each change. */
    private static final Logger HANDLED = Logger.getLogger("dev.walmonitor.handled");

    private record Running(
            ChangeSource source,
            Pipeline pipeline,
            Router router,
            Loop loop,
            int lanes,
            CanaryWriter canary,
            @Nullable ParkingLot lot) {}

    /**
     * How a source is run.
     *
     * @param lanes how many changes of one rule may be handled at the same time
     * @param canary how often its stream is proved to run; zero for never
     * @param idleAfter a stream without changes for so long is idle
     */
    public record Options(int lanes, Duration canary, Duration idleAfter) {}

    /** A rule, and what does its work. */
    public record BoundRule(Rule rule, ChangeHandler handler) {}

    /** How many canaries in a row may fail to come before the stream counts as stalled. */
    private static final int PROOF = 3;

    private final MeterRegistry registry;

    /** Null if nothing is traced. */
    private final @Nullable Tracing tracing;

    private final String instance = UUID.randomUUID().toString();
    private final InstantSource clock = InstantSource.system();
    private final Map<String, Running> running = new ConcurrentSkipListMap<>();
    private volatile List<SourceProfile> sources = List.of();

    /** Rules that were added before their source began; guards {@link #begun} too. */
    private final Map<String, List<BoundRule>> early = new HashMap<>();

    private final Set<String> begun = new HashSet<>();
    private final Broadcast<PipelineStatus> changes = new Broadcast<>();
    private final Broadcast<HandledChange> handled = new Broadcast<>();

    /** Pipelines of which nothing is traced. */
    RunningPipelines(MeterRegistry registry) {
        this.registry = registry;
        this.tracing = null;
    }

    @Inject
    RunningPipelines(MeterRegistry registry, Tracing tracing) {
        this.registry = registry;
        this.tracing = tracing.isOn() ? tracing : null;
    }

    /**
     * Says which sources are configured; called once, before anybody is told that the application
     * has started.
     */
    public void configured(List<SourceProfile> profiles) {
        sources = List.copyOf(profiles);
    }

    /**
     * Takes charge of a source; nothing is read yet.
     *
     * @param loop the event loop on which the source delivers
     * @param parking where rules put what they cannot do; null if they keep it in memory
     */
    public void open(
            ChangeSource source,
            Loop loop,
            Options options,
            WatermarkStore store,
            @Nullable ParkingStore parking) {
        String name = source.name();
        @Nullable ParkingLot lot = parking == null ? null : new ParkingLot(name, parking, loop);
        Router router = new Router(name, registry);
        Reporter reporter = new Reporter(name);
        Liveness liveness = new Liveness(options.canary().multipliedBy(PROOF), options.idleAfter());
        Pipeline pipeline =
                new Pipeline(
                        source,
                        router,
                        new Confirmer(source, store, loop, Confirmer.Pace.DEFAULT),
                        new LogBook(name, store, loop, router, reporter),
                        liveness,
                        loop,
                        Pipeline.Bounds.DEFAULT,
                        reporter,
                        lot);
        CanaryWriter canary =
                new CanaryWriter(
                        source,
                        liveness,
                        loop,
                        options.canary(),
                        instance,
                        () -> reporter.look(pipeline.status()));
        if (options.canary().isPositive()) {
            pipeline.whenBegun(canary::begun);
            canary.start();
        }
        running.put(
                name, new Running(source, pipeline, router, loop, options.lanes(), canary, lot));
        source.statusChanges()
                .subscribe()
                .with(status -> {
                    if (!isFollowed(source)) {
                        pipeline.lost(status.state() == SourceState.STANDBY);
                    }
                    changes.tell(pipeline.status());
                });
    }

    /**
     * Begins to read an open source.
     *
     * @param rules those that listen to it
     * @throws IllegalArgumentException if no source of that name is open
     */
    public void begin(String source, List<BoundRule> rules) {
        Running entry = find(source);
        synchronized (early) {
            List<BoundRule> all = new ArrayList<>(rules);
            all.addAll(early.getOrDefault(source, List.of()));
            early.remove(source);
            begun.add(source);
            entry.router().addAll(all.stream().map(rule -> runner(entry, rule)).toList());
        }
        entry.pipeline().start();
    }

    /**
     * Adds a rule, to a source that runs or before it begins. Changes that the source delivers from
     * then on reach it; a table that was not published is published now.
     *
     * @throws IllegalArgumentException if there is no source of that name
     */
    public void register(String source, BoundRule rule) {
        demandConfigured(source);
        synchronized (early) {
            if (!begun.contains(source)) {
                early.computeIfAbsent(source, name -> new ArrayList<>()).add(rule);
                return;
            }
        }
        Running entry = find(source);
        RuleRunner runner = runner(entry, rule);
        entry.router().add(runner);
        entry.pipeline().added(runner);
        entry.source().interestChanged();
    }

    @Override
    public void add(Rule rule, ChangeHandler handler) {
        register(rule.source(), new BoundRule(rule, handler));
    }

    private void demandConfigured(String source) {
        if (!running.containsKey(source)
                && sources.stream().noneMatch(known -> known.name().equals(source))) {
            var _ = find(source);
        }
    }

    private RuleRunner runner(Running entry, BoundRule rule) {
        String source = entry.source().name();
        return new RuleRunner(
                rule.rule(),
                tracing == null
                        ? rule.handler()
                        : tracing.traced(rule.rule(), rule.handler(), entry.loop()),
                entry.lanes(),
                entry.loop(),
                clock,
                RandomGenerator.getDefault(),
                new RuleMeters(registry, source, rule.rule().name()),
                entry.pipeline(),
                entry.lot());
    }

    @Override
    public boolean follows(String source) {
        Running entry = running.get(source);
        return entry != null && isFollowed(entry.source());
    }

    private static boolean isFollowed(ChangeSource source) {
        return switch (source.status().state()) {
            case STREAMING, IDLE, STALLED -> true;
            case CONNECTING,
                    STANDBY,
                    PAUSED,
                    FAILED,
                    SLOT_MISSING,
                    SLOT_LOST,
                    PUBLICATION_MISSING,
                    GAP_SUSPECTED,
                    IDENTITY_MISMATCH,
                    POISONED,
                    STOPPING ->
                    false;
        };
    }

    @Override
    public Uni<Boolean> caughtUp(String source, String rule, Duration atMost) {
        return barrier(source, null, rule, atMost)
                .map(barrier -> barrier instanceof Barrier.Applied)
                .onFailure()
                .recoverWithItem(false);
    }

    /** Lets every source finish what it took in, within the time, and closes it. Never fails. */
    public Uni<Void> drain(Duration atMost) {
        List<Uni<Void>> drains = running.values().stream().map(r -> drain(r, atMost)).toList();
        return drains.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join()
                        .all(drains)
                        .andCollectFailures()
                        .replaceWithVoid()
                        .onFailure()
                        .recoverWithNull();
    }

    private static Uni<Void> drain(Running entry, Duration atMost) {
        entry.loop().execute(entry.canary()::stop);
        return entry.pipeline().drain(atMost);
    }

    @Override
    public List<SourceProfile> sources() {
        return sources;
    }

    @Override
    public List<PipelineStatus> statuses() {
        return running.values().stream().map(r -> r.pipeline().status()).toList();
    }

    @Override
    public Multi<PipelineStatus> changes() {
        return changes.news();
    }

    @Override
    public List<RuleStanding> rules() {
        return running.values().stream()
                .flatMap(entry -> entry.router().rules().stream())
                .map(RuleRunner::seen)
                .toList();
    }

    @Override
    public boolean pause(String source, String rule, String why) {
        return tell(source, rule, runner -> runner.pause(why));
    }

    @Override
    public boolean resume(String source, String rule) {
        return tell(source, rule, RuleRunner::resume);
    }

    @Override
    public boolean pauseSource(String source, String why) {
        return tell(source, pipeline -> pipeline.pause(why));
    }

    @Override
    public boolean resumeSource(String source) {
        return tell(source, Pipeline::resume);
    }

    private boolean tell(String source, Consumer<Pipeline> what) {
        Running entry = running.get(source);
        if (entry == null) {
            return false;
        }
        entry.loop()
                .execute(() -> {
                    what.accept(entry.pipeline());
                    changes.tell(entry.pipeline().status());
                });
        return true;
    }

    @Override
    public @Nullable Blocked blocked(String source) {
        Running entry = running.get(source);
        return entry == null ? null : entry.source().blocked();
    }

    @Override
    public Uni<Consent> skip(String source, @Nullable Long xid, @Nullable Position commit) {
        return asked(source, entry -> entry.source().skip(xid, commit));
    }

    @Override
    public Uni<Consent> reset(String source, String why) {
        return asked(source, entry -> entry.source().reset(why));
    }

    @Override
    public void hurry(String source) {
        Running entry = running.get(source);
        if (entry != null) {
            entry.loop().execute(entry.pipeline()::hurry);
        }
    }

    @Override
    public Uni<Consent> giveUp(String source, String why) {
        return asked(source, entry -> entry.source().giveUp(why));
    }

    private Uni<Consent> asked(String source, Function<Running, Uni<Consent>> question) {
        Running entry = running.get(source);
        return entry == null
                ? Uni.createFrom()
                        .item(new Consent.Refused("Source " + source + " is not started.", null))
                : question.apply(entry);
    }

    @Override
    public boolean parkedChanged(String source, String rule) {
        return tell(source, rule, RuleRunner::parkedChanged);
    }

    private boolean tell(String source, String rule, Consumer<RuleRunner> what) {
        Running entry = running.get(source);
        if (entry == null) {
            return false;
        }
        Optional<RuleRunner> named = named(entry, rule);
        named.ifPresent(runner -> entry.loop().execute(() -> what.accept(runner)));
        return named.isPresent();
    }

    private static Optional<RuleRunner> named(Running entry, String rule) {
        return entry.router().rules().stream()
                .filter(runner -> runner.rule().name().equals(rule))
                .findFirst();
    }

    @Override
    public Uni<Void> replay(String source, String rule, List<RowChange> changes) {
        return Uni.createFrom()
                .deferred(() -> {
                    Running entry = find(source);
                    RuleRunner runner =
                            named(entry, rule)
                                    .orElseThrow(() ->
                                            new IllegalArgumentException(
                                                    "There is no rule \"" + rule + "\""));
                    List<RowChange> again =
                            changes.stream()
                                    .map(change ->
                                            change.in(change.transaction().as(Delivery.REPLAY)))
                                    .toList();
                    return again.isEmpty()
                            ? Uni.createFrom().voidItem()
                            : entry.pipeline().replay(runner, again);
                });
    }

    @Override
    public Uni<LogGauges> gauges(String source) {
        return Uni.createFrom().deferred(() -> find(source).source().gauges());
    }

    @Override
    public Uni<Barrier> barrier(
            String source, @Nullable Position place, @Nullable String rule, Duration atMost) {
        return Uni.createFrom()
                .deferred(() -> {
                    Running entry = running.get(source);
                    if (entry == null || isElsewhere(entry)) {
                        return Uni.createFrom().item(elsewhere(source, entry));
                    }
                    List<RuleRunner> rules = entry.router().rules();
                    List<RuleRunner> wanted = rules.stream().filter(isWanted(rule)).toList();
                    if (rule != null && wanted.isEmpty()) {
                        return Uni.createFrom()
                                .item(
                                        new Barrier.NoRule(
                                                rules.stream().map(r -> r.rule().name()).toList()));
                    }
                    return place != null
                            ? entry.pipeline().barrier(place, wanted, atMost)
                            : barrierAtTheEnd(entry, wanted, atMost);
                });
    }

    private static boolean isElsewhere(Running entry) {
        return entry.source().status().state() == SourceState.STANDBY;
    }

    private Barrier elsewhere(String source, @Nullable Running entry) {
        if (entry != null) {
            return new Barrier.Elsewhere(SourceState.STANDBY);
        }
        if (sources.stream().noneMatch(profile -> profile.name().equals(source))) {
            throw unknown(source);
        }
        return new Barrier.Elsewhere(null);
    }

    private static Predicate<RuleRunner> isWanted(@Nullable String rule) {
        return rule == null
                ? runner -> runner.rule().action().equals("cache")
                : runner -> runner.rule().name().equals(rule);
    }

    private static Uni<Barrier> barrierAtTheEnd(
            Running entry, List<RuleRunner> rules, Duration atMost) {
        long begun = System.nanoTime();
        return entry.source()
                .end()
                .ifNoItem()
                .after(atMost.isZero() ? Duration.ofMillis(1) : atMost)
                .recoverWithUni(() -> Uni.createFrom().failure(new TimeoutException()))
                .chain(end -> {
                    Duration left = atMost.minusNanos(System.nanoTime() - begun);
                    return entry.pipeline()
                            .barrier(end, rules, left.isNegative() ? Duration.ZERO : left);
                })
                .onFailure()
                .recoverWithItem(failure -> new Barrier.NoPlace(why(failure, atMost)));
    }

    private static String why(Throwable failure, Duration atMost) {
        return failure instanceof TimeoutException
                ? "The database has not answered within " + atMost.toMillis() + " ms."
                : RuleRunner.describe(failure);
    }

    @Override
    public Multi<HandledChange> handled() {
        return handled.news();
    }

    private Running find(String source) {
        Running entry = running.get(source);
        if (entry == null) {
            throw unknown(source);
        }
        return entry;
    }

    private IllegalArgumentException unknown(String source) {
        return new IllegalArgumentException(
                "There is no source \"" + source + "\"; there are: " + running.keySet());
    }

    /** Tells the world about one pipeline. */
    private final class Reporter implements Pipeline.Observer {
        private final String source;

        private final Timer canary;
        private @Nullable SourceState told;

        private Reporter(String source) {
            this.source = source;
            this.canary =
                    Timer.builder("wal_monitor_canary")
                            .description(
                                    "From the writing of a canary to its coming through the stream")
                            .tag("source", source)
                            .register(registry);
        }

        @Override
        public void proved(Duration took) {
            canary.record(took);
        }

        @Override
        public void begun(Transaction transaction) {
            if (tracing != null) {
                tracing.begun(transaction);
            }
        }

        @Override
        public void setAside(Rule rule, RowChange change, Tracing.Fate fate) {
            if (tracing != null) {
                tracing.setAside(rule, change, fate);
            }
        }

        /** Tells of a state that changed with the time alone. */
        private void look(PipelineStatus status) {
            SourceState state = status.source().state();
            if (state != told) {
                told = state;
                changes.tell(status);
                if (state == SourceState.STALLED && status.source().failure() != null) {
                    LOG.warnf("Source %s: %s", source, status.source().failure().message());
                }
            }
        }

        @Override
        public void missed(Gap gap) {
            registry.counter("wal_monitor_gaps", "source", source).increment();
            LOG.errorf(
                    "Source %s: changes in %s are lost%s. %s",
                    source,
                    gap,
                    gap.tables().isEmpty() ? "" : " for " + gap.tables(),
                    gap.reason());
        }

        @Override
        public void handled(
                Rule rule, RowChange change, HandlerResult result, long sinceCommitNanos) {
            if (HANDLED.isDebugEnabled()) {
                HANDLED.debugf(
                        "Rule %s: %s for change %s of %s, %d ms after the commit.",
                        rule.name(),
                        result,
                        change.id(),
                        change.table(),
                        sinceCommitNanos / 1_000_000);
            }
            if (handled.isHeard()) {
                handled.tell(
                        new HandledChange(
                                rule.name(), change, result, Duration.ofNanos(sinceCommitNanos)));
            }
        }

        @Override
        public void failed(Throwable failure) {
            if (failure instanceof SourceException) {
                LOG.errorf("Source %s has stopped: %s", source, failure.getMessage());
            } else {
                LOG.errorf(failure, "Source %s has stopped by a fault of ours", source);
            }
        }
    }
}
