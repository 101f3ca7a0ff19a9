package dev.walmonitor.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.SourceStatus;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One source's way to its handlers: demand flows up, changes flow down, the low watermark flows
 * back. Everything but {@link #status} and {@link #drain} is owned by the loop.
 */
final class Pipeline implements MultiSubscriber<ChangeBatch>, RuleRunner.Listener {
    private static final Logger LOG = Logger.getLogger(Pipeline.class);

    /** For so long the intake may stand before a rule has to park what it holds. */
    private static final Duration RELIEF = Duration.ofSeconds(3);

    /** How much may be on its way at once before the source has to wait. */
    record Bounds(int tasks, long bytes) {
        static final Bounds DEFAULT = new Bounds(20_000, 64L << 20);
    }

    /** What the pipeline tells of itself. */
    interface Observer {
        /** The rule has done its work for the change, and has something to tell. */
        void handled(Rule rule, RowChange change, HandlerResult result, long sinceCommitNanos);

        /** The first of a transaction's events has come. */
        default void begun(Transaction transaction) {}

        /** The rule lets a change be: it is parked, or given up. */
        default void setAside(Rule rule, RowChange change, Tracing.Fate fate) {}

        /** Changes were lost, which is on record. */
        void missed(Gap gap);

        /** A canary came through, so long after it was written. */
        void proved(Duration took);

        /** The source cannot go on by itself, or has told what cannot be. */
        void failed(Throwable failure);
    }

    private final ChangeSource source;
    private final Router router;
    private final Confirmer confirmer;
    private final Loop loop;
    private final Bounds bounds;
    private final Observer observer;
    private final LogBook logBook;
    private final Liveness liveness;
    private final Watermark watermark = new Watermark();
    private final Barriers barriers;

    private Flow.@Nullable Subscription subscription;
    private Watermark.@Nullable Unit open;
    private @Nullable LogIdentity log;
    private Runnable whenBegun = () -> {};
    private volatile boolean starved;
    private boolean leaving;
    private boolean ended;
    private int tasks;
    private long bytes;
    private final @Nullable ParkingLot lot;
    private boolean followed;
    private boolean away = true;
    private boolean relieving;
    private boolean toldAgain;
    private volatile @Nullable Pause pause;
    private @Nullable ChangeBatch held;
    private @Nullable Runnable whenIdle;

    private final AtomicReference<@Nullable Position> watermarkSeen = new AtomicReference<>();
    private final AtomicInteger tasksSeen = new AtomicInteger();
    private final AtomicLong oldestSeen = new AtomicLong();

    Pipeline(
            ChangeSource source,
            Router router,
            Confirmer confirmer,
            LogBook logBook,
            Liveness liveness,
            Loop loop,
            Bounds bounds,
            Observer observer) {
        this(source, router, confirmer, logBook, liveness, loop, bounds, observer, null);
    }

    /**
     * @param lot where the rules park what they cannot do now; null if they do not
     */
    Pipeline(
            ChangeSource source,
            Router router,
            Confirmer confirmer,
            LogBook logBook,
            Liveness liveness,
            Loop loop,
            Bounds bounds,
            Observer observer,
            @Nullable ParkingLot lot) {
        this.lot = lot;
        this.source = source;
        this.router = router;
        this.confirmer = confirmer;
        this.loop = loop;
        this.bounds = bounds;
        this.observer = observer;
        this.logBook = logBook;
        this.liveness = liveness;
        this.barriers = new Barriers(source, this::judged, loop);
    }

    void start() {
        source.changes(router, logBook::load).subscribe().withSubscriber(this);
    }

    /** Runs the task each time that a stream has begun; set before {@link #start}. */
    void whenBegun(Runnable task) {
        whenBegun = task;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        loop.execute(() -> {
            subscription = s;
            demand();
        });
    }

    @Override
    public void onItem(ChangeBatch batch) {
        loop.execute(() -> take(batch));
    }

    @Override
    public void onFailure(Throwable failure) {
        loop.execute(() -> fail(failure));
    }

    @Override
    public void onCompletion() {
        // the source was closed by us
    }

    private void take(ChangeBatch batch) {
        if (ended) {
            return;
        }
        if (pause != null) {
            held = batch;
            return;
        }
        takeFrom(batch.events(), 0);
    }

    /**
     * Takes nothing more in until {@link #resume}; the source stops reading when it notices. On the
     * loop.
     */
    void pause(String why) {
        if (pause == null) {
            pause = new Pause(Instant.now(), why);
            LOG.warnf("Source %s: reading is paused: %s", source.name(), why);
        }
    }

    /** Takes in what has come meanwhile, and all that follows. On the loop. */
    void resume() {
        if (pause == null) {
            return;
        }
        pause = null;
        LOG.infof("Source %s: reading goes on.", source.name());
        liveness.begun(loop.nanoTime());
        ChangeBatch batch = held;
        held = null;
        if (batch != null) {
            take(batch);
        }
        whenBegun.run();
    }

    /**
     * Takes a batch in; what must be on record first holds up the rest of it, and all behind it.
     */
    private void takeFrom(List<ChangeEvent> events, int first) {
        try {
            for (int i = first; i < events.size() && !isAtTheEnd(); i++) {
                int next = i + 1;
                switch (events.get(i)) {
                    case ChangeEvent.Resumed resumed when leaving -> abandon();
                    case ChangeEvent.Resumed resumed -> {
                        resumed(resumed, () -> takeFrom(events, next));
                        return;
                    }
                    case ChangeEvent.Missed missed -> {
                        missed(missed.gap(), () -> takeFrom(events, next));
                        return;
                    }
                    case RowChange change -> route(change);
                    case ChangeEvent.Begin begin -> begin(begin);
                    case ChangeEvent.Commit commit -> commit(commit);
                    case ChangeEvent.Message message -> message(message);
                    case ChangeEvent.Progress progress -> progress(progress);
                }
            }
        } catch (Throwable t) { // never half a batch unseen: the source stands, and says so
            Objects.requireNonNull(subscription).cancel();
            fail(t);
        }
        advance();
        publish();
        if (isAtTheEnd()) {
            takeNoMore();
        } else if (isFull()) {
            starved = true;
            relieveLater();
        } else {
            demand();
        }
    }

    private boolean isAtTheEnd() {
        return ended || (leaving && open == null);
    }

    private void abandon() {
        if (open != null) {
            watermark.abandon(open);
            open = null;
        }
    }

    /** What was not done when something was lost may be lost with it, and belongs to the gap. */
    private void resumed(ChangeEvent.Resumed resumed, Runnable then) {
        abandon();
        logBook.resumed(
                resumed,
                watermark.low(),
                () ->
                        look(() -> {
                            follow(resumed);
                            then.run();
                        }));
    }

    /** Another instance may have parked something since we followed the source. */
    private void look(Runnable then) {
        if (lot == null || !away) {
            then.run();
            return;
        }
        lot.load(() -> {
            away = false;
            router.rules().forEach(RuleRunner::loaded);
            if (!followed) {
                followed = true;
                lot.tellOrphans(
                        router.rules().stream().map(runner -> runner.rule().name()).toList());
            }
            then.run();
        });
    }

    /** The source is not followed for now. May be called from any thread. */
    void lost(boolean byAnother) {
        loop.execute(() -> {
            away |= byAnother;
            router.rules().forEach(RuleRunner::detach);
        });
    }

    private void follow(ChangeEvent.Resumed resumed) {
        LogIdentity before = log;
        log = resumed.log();
        confirmer.follow(resumed.log());
        router.rules().forEach(rule -> rule.follow(resumed.log(), resumed.from()));
        toldAgain = router.rules().stream().anyMatch(rule -> rule.reached(resumed.from()));
        liveness.begun(loop.nanoTime());
        if (before == null) {
            watermark.startFrom(resumed.from());
            router.rules().forEach(RuleRunner::warm);
        } else if (before.timeline() != resumed.log().timeline() && resumed.gap() != null) {
            watermark.startAgainFrom(resumed.from());
            router.rules().forEach(rule -> rule.openTasks().forget());
            barriers.startAgainFrom(resumed.from());
        } else if (before.epoch() != resumed.log().epoch() && resumed.gap() != null) {
            watermark.startAgainFrom(resumed.from());
        }
        logBook.tell(before == null);
        barriers.reached(resumed.from());
        whenBegun.run();
    }

    private void missed(Gap gap, Runnable then) {
        logBook.missed(
                gap,
                Objects.requireNonNull(watermark.low()),
                () -> {
                    logBook.tell(false);
                    then.run();
                });
    }

    private void begin(ChangeEvent.Begin begin) {
        if (open != null) {
            throw new IllegalStateException(
                    "Expected the end of the open transaction, got " + begin.transaction());
        }
        open = watermark.begin(begin.transaction(), loop.nanoTime());
        observer.begun(begin.transaction());
    }

    private void commit(ChangeEvent.Commit commit) {
        if (open == null) {
            throw outside("the commit of " + commit.transaction());
        }
        long now = loop.nanoTime();
        if (open.hasWork()) {
            liveness.work(now);
        }
        watermark.commit(open, commit.end());
        liveness.reached(commit.end(), now);
        reached(commit.end());
        open = null;
    }

    private void reached(Position position) {
        barriers.reached(position);
        if (toldAgain) {
            boolean still = false;
            for (RuleRunner rule : router.rules()) {
                still |= rule.reached(position);
            }
            toldAgain = still;
        }
    }

    private void progress(ChangeEvent.Progress progress) {
        watermark.mark(progress.position());
        liveness.reached(progress.position(), loop.nanoTime());
        reached(progress.position());
        advance();
        if (progress.hurry()) {
            confirmer.hurry();
        }
    }

    /** Carries the watermark to the source soon. On the loop. */
    void hurry() {
        confirmer.hurry();
    }

    private void message(ChangeEvent.Message message) {
        if (message.transaction() == null) {
            watermark.mark(message.position());
        }
        long took = liveness.arrived(new String(message.content(), UTF_8), loop.nanoTime());
        if (took >= 0) {
            observer.proved(Duration.ofNanos(took));
        }
    }

    private void route(RowChange change) {
        Watermark.Unit unit = open;
        if (unit == null) {
            throw outside("change " + change.id() + " of " + change.table());
        }
        Router.Route route = router.route(change.relation());
        route.count(change.operation());
        for (RuleRunner runner : route.runners(change.operation())) {
            Task task = runner.accept(change, unit, weight(change));
            tasks++;
            bytes += task.weight;
            runner.submit(task);
        }
    }

    private static IllegalStateException outside(String what) {
        return new IllegalStateException("Expected the beginning of a transaction, got " + what);
    }

    /** About how many bytes a change needs in memory. */
    static int weight(RowChange change) {
        return weight(change.before()) + weight(change.after()) + 128;
    }

    private static int weight(@Nullable Row row) {
        return row == null ? 0 : row.weight();
    }

    /**
     * While the intake stands and nothing is done, the rule of which most waits holds up all others
     * and parks it.
     */
    private void relieveLater() {
        if (lot == null || relieving) {
            return;
        }
        relieving = true;
        loop.schedule(
                RELIEF,
                () -> {
                    relieving = false;
                    if (starved && !ended) {
                        relieve();
                        relieveLater();
                    }
                });
    }

    private void relieve() {
        router.rules().stream()
                .filter(rule -> rule.openTasks().size() > 0)
                .max(Comparator.comparingInt(rule -> rule.openTasks().size()))
                .ifPresent(rule -> {
                    var _ = rule.spill();
                });
    }

    @Override
    public void parked(Task task) {
        release(task);
        endIfIdle();
    }

    @Override
    public void drained(
            RuleRunner runner, RowChange change, HandlerResult result, long sinceCommitNanos) {
        if (!result.isEmpty()) {
            tell(runner, change, result, sinceCommitNanos);
        }
    }

    @Override
    public void setAside(RuleRunner runner, RowChange change, Tracing.Fate fate) {
        observer.setAside(runner.rule(), change, fate);
    }

    private void release(Task task) {
        tasks--;
        bytes -= task.weight;
        watermark.done(task.unit);
        advance();
        publish();
        if (starved && tasks <= bounds.tasks() / 2 && bytes <= bounds.bytes() / 2) {
            starved = false;
            demand();
        }
    }

    @Override
    public void done(Task task, HandlerResult result, long sinceCommitNanos) {
        release(task);
        endIfIdle();
        if (!result.isEmpty()) {
            tell(task.runner, task.change, result, sinceCommitNanos);
        }
    }

    private void tell(
            RuleRunner runner, RowChange change, HandlerResult result, long sinceCommitNanos) {
        try {
            observer.handled(runner.rule(), change, result, sinceCommitNanos);
        } catch (RuntimeException e) {
            LOG.warnf(
                    "Source %s: a listener to what was done has failed: %s",
                    source.name(), RuleRunner.describe(e));
        }
    }

    private void advance() {
        switch (watermark.advance()) {
            case NONE -> {}
            case IDLE -> confirmer.moved(Objects.requireNonNull(watermark.low()), false);
            case WORK -> confirmer.moved(Objects.requireNonNull(watermark.low()), true);
        }
    }

    private boolean isFull() {
        return tasks >= bounds.tasks() || bytes >= bounds.bytes();
    }

    private void demand() {
        if (subscription != null && !ended) {
            subscription.request(1);
        }
    }

    private void fail(Throwable failure) {
        ended = true;
        observer.failed(failure);
    }

    private void publish() {
        watermarkSeen.setRelease(watermark.low());
        tasksSeen.setRelease(tasks);
        oldestSeen.setRelease(watermark.oldestSince());
    }

    /** May be called from any thread; the figures are those of a moment ago. */
    PipelineStatus status() {
        long oldest = oldestSeen.getAcquire();
        Duration waiting = oldest == 0 ? Duration.ZERO : Duration.ofNanos(loop.nanoTime() - oldest);
        return new PipelineStatus(
                judged(), watermarkSeen.getAcquire(), tasksSeen.getAcquire(), waiting);
    }

    private SourceStatus judged() {
        SourceStatus judged =
                liveness.judge(source.status(), starved, loop.nanoTime(), Instant.now());
        Pause paused = pause;
        return paused == null ? judged : paused.over(judged, source.status().state());
    }

    /**
     * Answers when all the rules have applied everything up to the place; see {@link
     * Barriers#await}.
     */
    Uni<Barrier> barrier(Position place, List<RuleRunner> rules, Duration atMost) {
        return barriers.await(place, rules, atMost);
    }

    /**
     * Has a rule do changes once more; completes when they are parked durably. Fails with an {@link
     * IllegalStateException} if the rule parks nothing.
     */
    Uni<Void> replay(RuleRunner runner, List<RowChange> changes) {
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.execute(() -> {
                            if (!runner.replay(
                                    changes, router::isCurrent, () -> emitter.complete(null))) {
                                emitter.fail(
                                        new IllegalStateException(
                                                "Rule " + runner.rule().name() + " parks nothing"));
                            }
                        }));
    }

    /** About how many bytes of changes are on their way, counted once a rule. */
    long bytes() {
        return bytes;
    }

    /** A rule was added; what has begun already does not begin again for it. */
    void added(RuleRunner runner) {
        loop.execute(() -> {
            LogIdentity now = log;
            if (now != null) {
                runner.loaded();
                runner.follow(now, Objects.requireNonNull(watermark.low()));
                runner.warm();
            }
        });
    }

    /**
     * Takes in nothing more but the rest of an open transaction, waits until what was taken in is
     * done, confirms, and closes the source: three quarters of the time are for the handlers, the
     * first half of that for the rest of the transaction, an eighth each for what comes then. When
     * the handlers' time is up nothing more is begun or tried again. May be called from any thread.
     * Never fails, and completes within the time.
     */
    Uni<Void> drain(Duration atMost) {
        Duration eighth = atMost.dividedBy(8);
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.execute(() -> {
                            Runnable complete = () -> emitter.complete(null);
                            loop.schedule(atMost, complete);
                            quiet(eighth.multipliedBy(6))
                                    .chain(() -> confirmer.close(eighth))
                                    .chain(source::close)
                                    .onFailure()
                                    .invoke(failure ->
                                            LOG.warnf(
                                                    "Source %s: could not be left in order: %s",
                                                    source.name(), RuleRunner.describe(failure)))
                                    .subscribe()
                                    .with(ok -> complete.run(), failure -> complete.run());
                        }));
    }

    private Uni<Void> quiet(Duration atMost) {
        leaving = true;
        logBook.end();
        return Uni.createFrom()
                .emitter(emitter -> {
                    whenIdle =
                            () -> {
                                ended = true;
                                tellWhatIsLeft();
                                router.rules().forEach(RuleRunner::stop);
                                emitter.complete(null);
                            };
                    loop.schedule(atMost, this::goIdle);
                    if (isAtTheEnd() || pause != null) {
                        takeNoMore();
                    } else {
                        loop.schedule(atMost.dividedBy(2), this::takeNoMore);
                    }
                });
    }

    private void goIdle() {
        Runnable then = whenIdle;
        whenIdle = null;
        if (then != null) {
            then.run();
        }
    }

    private void tellWhatIsLeft() {
        publish();
        if (open != null || tasks > 0) {
            LOG.warnf(
                    "Source %s: left %swith %d changes that were not done in time. What was not"
                            + " confirmed comes again after the next start.",
                    source.name(), open == null ? "" : "in the middle of a transaction, ", tasks);
        }
    }

    /** What is still open comes again whole after the next start. */
    private void takeNoMore() {
        ended = true;
        endIfIdle();
    }

    private void endIfIdle() {
        if (tasks == 0 && ended) {
            goIdle();
        }
    }
}
