package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeEvent.Resumed;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which log is followed: on record before anything of it is handled, and with it whatever was lost.
 * Owned by the pipeline's loop.
 */
final class LogBook {
    private static final Logger LOG = Logger.getLogger(LogBook.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final String source;
    private final WatermarkStore store;
    private final Loop loop;
    private final Router router;
    private final Pipeline.Observer observer;
    private @Nullable LogIdentity stored;
    private @Nullable LogIdentity log;
    private @Nullable Gap gap;
    private boolean ended;

    LogBook(
            String source,
            WatermarkStore store,
            Loop loop,
            Router router,
            Pipeline.Observer observer) {
        this.source = source;
        this.store = store;
        this.loop = loop;
        this.router = router;
        this.observer = observer;
    }

    /** What the source goes on from. */
    Uni<Optional<Checkpoint>> load() {
        return Uni.createFrom()
                .deferred(() -> store.load(source))
                .invoke(found -> loop.execute(() -> found.ifPresent(c -> stored = c.log())));
    }

    /** Nothing more is put on record. */
    void end() {
        ended = true;
    }

    /**
     * Puts on record that the log is followed from here, if it is not yet; tries until it can. What
     * was not done when something was lost may be lost with it, and belongs to the gap.
     *
     * @param low the watermark, null before the first
     * @param then what to do when it is
     */
    void resumed(Resumed resumed, @Nullable Position low, Runnable then) {
        Gap lost = resumed.gap();
        gap = lost == null || low == null ? lost : lost.from(low);
        if (resumed.log().equals(stored) && gap == null) {
            log = resumed.log();
            then.run();
        } else {
            begin(new Checkpoint(resumed.log(), resumed.from()), 1, then);
        }
    }

    /** Puts a gap on record that does not move the watermark. */
    void missed(Gap lost, Position low, Runnable then) {
        gap = lost;
        begin(new Checkpoint(Objects.requireNonNull(log), low), 1, then);
    }

    /**
     * Tells those whom the last gap concerns, if there is one.
     *
     * @param warming whether every rule makes its values anew at this moment anyway
     */
    void tell(boolean warming) {
        Gap lost = gap;
        gap = null;
        if (lost != null) {
            observer.missed(lost);
            concerned(lost).stream()
                    .filter(rule -> !warming || !rule.canRebuild())
                    .forEach(rule -> rule.missed(lost));
        }
    }

    private List<RuleRunner> concerned(Gap lost) {
        return router.rules().stream().filter(rule -> rule.isConcernedBy(lost)).toList();
    }

    private Map<String, WatermarkStore.Remedy> remedies() {
        Map<String, WatermarkStore.Remedy> remedies = new TreeMap<>();
        if (gap != null) {
            for (RuleRunner rule : concerned(gap)) {
                remedies.put(
                        rule.rule().name(),
                        rule.canRebuild()
                                ? WatermarkStore.Remedy.REBUILT
                                : WatermarkStore.Remedy.RECORDED);
            }
        }
        return remedies;
    }

    private void begin(Checkpoint checkpoint, int attempt, Runnable then) {
        if (ended) {
            return;
        }
        Uni.createFrom()
                .deferred(() -> store.begin(source, checkpoint, gap, remedies()))
                .subscribe()
                .with(
                        ok ->
                                loop.execute(() -> {
                                    log = checkpoint.log();
                                    stored = log;
                                    then.run();
                                }),
                        failure ->
                                loop.execute(() -> {
                                    tell(failure, attempt);
                                    loop.schedule(
                                            AGAIN, () -> begin(checkpoint, attempt + 1, then));
                                }));
    }

    private void tell(Throwable failure, int attempt) {
        if (attempt == 1) {
            LOG.warnf(
                    "Source %s: where its log is followed from cannot be put on record (%s). Nothing is handled until it"
                            + " can.",
                    source, RuleRunner.describe(failure));
        }
    }
}
