package dev.walmonitor.handler.cache;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes all keys of one rule anew: one fill at a time, and one more waits for all who ask while one
 * runs. A fill that fails is tried again until it can. Thread-safe.
 */
final class Fills {
    private static final Logger LOG = Logger.getLogger(Fills.class);
    private static final Duration FIRST_AGAIN = Duration.ofMillis(500);
    private static final Duration LAST_AGAIN = Duration.ofSeconds(15);

    /**
     * How it stands.
     *
     * @param running why one runs, or null
     * @param done how many keys the running one, or the last one, has made
     * @param failure why the last attempt failed, or null
     * @param filledAt when the last one was done, or null
     * @param took how long it took
     */
    record Progress(
            @Nullable Reason running,
            long done,
            @Nullable String failure,
            @Nullable Instant filledAt,
            Duration took) {}

    private record Waiter(Reason reason, UniEmitter<? super Long> answer) {}

    private final String rule;
    private final Loop loop;
    private final InstantSource clock;
    private final BiFunction<Reason, AtomicLong, Uni<Void>> fill;
    private List<Waiter> waiting = new ArrayList<>();
    private List<Waiter> current = new ArrayList<>();
    private boolean busy;
    private volatile Progress progress = new Progress(null, 0, null, null, Duration.ZERO);

    /**
     * @param fill makes all keys, and counts them
     */
    Fills(
            String rule,
            Loop loop,
            InstantSource clock,
            BiFunction<Reason, AtomicLong, Uni<Void>> fill) {
        this.rule = rule;
        this.loop = loop;
        this.clock = clock;
        this.fill = fill;
    }

    Progress progress() {
        return progress;
    }

    /**
     * Completes, with the number of keys, when a fill is done that began after now. Never fails.
     */
    Uni<Long> request(Reason reason) {
        return Uni.createFrom()
                .emitter(answer ->
                        loop.execute(() -> {
                            waiting.add(new Waiter(reason, answer));
                            begin();
                        }));
    }

    /**
     * Completes, with the number of keys, when this process has made all keys once: at once if it
     * has. Never fails.
     */
    Uni<Long> first() {
        return Uni.createFrom()
                .emitter(answer ->
                        loop.execute(() -> {
                            Progress now = progress;
                            if (now.filledAt() != null) {
                                answer.complete(now.done());
                            } else {
                                (busy ? current : waiting).add(new Waiter(Reason.WARM, answer));
                                begin();
                            }
                        }));
    }

    private void begin() {
        if (busy || waiting.isEmpty()) {
            return;
        }
        busy = true;
        current = waiting;
        waiting = new ArrayList<>();
        attempt(1);
    }

    private void attempt(int attempt) {
        Reason reason = current.getFirst().reason();
        AtomicLong count = new AtomicLong();
        Instant began = clock.instant();
        Progress before = progress;
        progress = new Progress(reason, 0, before.failure(), before.filledAt(), before.took());
        Uni<Void> running = Uni.createFrom().deferred(() -> fill.apply(reason, count));
        var _ =
                running.onSubscription()
                        .invoke(() -> watch(count))
                        .subscribe()
                        .with(
                                done -> loop.execute(() -> done(began, count.get())),
                                failure -> loop.execute(() -> failed(attempt, before, failure)));
    }

    private void watch(AtomicLong count) {
        loop.schedule(
                Duration.ofMillis(200),
                () -> {
                    Progress now = progress;
                    if (now.running() != null) {
                        progress =
                                new Progress(
                                        now.running(),
                                        count.get(),
                                        now.failure(),
                                        now.filledAt(),
                                        now.took());
                        watch(count);
                    }
                });
    }

    private void done(Instant began, long count) {
        List<Waiter> batch = current;
        busy = false;
        Instant now = clock.instant();
        progress = new Progress(null, count, null, now, Duration.between(began, now));
        batch.forEach(waiter -> waiter.answer().complete(count));
        begin();
    }

    private void failed(int attempt, Progress before, Throwable failure) {
        String why = String.valueOf(failure.getMessage());
        progress = new Progress(null, 0, why, before.filledAt(), before.took());
        long wait =
                Math.min(
                        FIRST_AGAIN.toMillis() << Math.min(attempt - 1, 10), LAST_AGAIN.toMillis());
        if (attempt == 1) {
            LOG.warnf(
                    "Rule %s: its keys could not be filled: %s. It is tried again until it can.",
                    rule, why);
        }
        LOG.debugf(failure, "Rule %s: its keys could not be filled", rule);
        loop.schedule(Duration.ofMillis(wait), () -> attempt(attempt + 1));
    }
}
