package dev.walmonitor.handler.cache;

import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule.Retry;
import dev.walmonitor.sink.sql.Queries.Mark;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one key as its query says, with as few reads as that takes. Owned by its loop.
 *
 * <p>The first refresh starts at once. While one runs, whoever else asks waits for the next, which
 * covers them all; it begins no sooner than ten times the cost of the last one after that began, at
 * most a second. A change is covered by a read that could see its transaction, and by no other:
 * commit order is not visibility order, so each is asked for. One that was not seen is read for
 * again, soon. A refresh that fails is tried again with growing delays, once for all who wait: so a
 * database or a Redis that is down is asked by one refresh a key, however many changes there are.
 * After a few failures the changes that wait are told of it, and may be parked elsewhere.
 */
final class KeyRefresh {
    private static final int PACE = 10;
    private static final int TRIES = 3;
    private static final Duration SLOWEST_PACE = Duration.ofSeconds(1);
    private static final Duration FIRST_LOOK_AGAIN = Duration.ofMillis(5);
    private static final Duration LAST_LOOK_AGAIN = Duration.ofMillis(250);

    /** One refresh: the read, and the write of what was read. */
    interface Work {

        /**
         * Reads, and writes unless none of the transactions was seen.
         *
         * @param marks the transactions to cover
         * @param always whether to write anyway
         */
        Uni<Outcome> refresh(Set<Mark> marks, boolean always);
    }

    /**
     * What a refresh did.
     *
     * @param unseen those of the transactions that it does not cover
     */
    record Outcome(Set<Mark> unseen, HandlerResult result) {}

    /** Who wants to know. */
    interface Observer {
        void started(Reason reason);

        /** A refresh is done and nobody waits for another. */
        void idle(KeyRefresh refresh);

        void failed(Throwable failure, int failures, int waiting, Duration delay);

        void recovered(int failures);
    }

    private record Waiter(
            @Nullable Mark mark, Reason reason, UniEmitter<? super HandlerResult> answer) {}

    private final Loop loop;
    private final Work work;
    private final Retry retry;
    private final RandomGenerator random;
    private final Observer observer;

    private List<Waiter> waiting = new ArrayList<>();
    private boolean running;
    private boolean scheduled;
    private long notBefore;
    private int failures;

    /** Set while so many have failed that changes are not kept waiting. */
    private @Nullable Throwable lastFailure;

    private int unseenInARow;

    KeyRefresh(Loop loop, Work work, Retry retry, RandomGenerator random, Observer observer) {
        this.loop = loop;
        this.work = work;
        this.retry = retry;
        this.random = random;
        this.observer = observer;
        this.notBefore = loop.nanos();
    }

    /**
     * Completes when a refresh has been written that saw the transaction; of all that one refresh
     * covers, only the last tells what was done. Fails when a few refreshes in a row have failed.
     */
    Uni<HandlerResult> cover(Mark mark) {
        return Uni.createFrom()
                .deferred(() -> {
                    Throwable known = lastFailure;
                    return known != null && notBefore - loop.nanos() > 0
                            ? Uni.createFrom().failure(known)
                            : ask(mark, Reason.CHANGE);
                });
    }

    /** Completes when a refresh has been written. Never fails. */
    Uni<HandlerResult> refresh(Reason reason) {
        return ask(null, reason);
    }

    private Uni<HandlerResult> ask(@Nullable Mark mark, Reason reason) {
        return Uni.createFrom()
                .emitter(answer ->
                        loop.execute(() -> {
                            waiting.add(new Waiter(mark, reason, answer));
                            wake();
                        }));
    }

    /** Whether nobody waits, and a next refresh would start at once. */
    boolean isIdle() {
        return !running && !scheduled && waiting.isEmpty() && notBefore - loop.nanos() <= 0;
    }

    private void wake() {
        if (running || scheduled || waiting.isEmpty()) {
            return;
        }
        long delay = notBefore - loop.nanos();
        if (delay <= 0) {
            start();
        } else {
            scheduled = true;
            loop.schedule(
                    Duration.ofNanos(delay),
                    () -> {
                        scheduled = false;
                        wake();
                    });
        }
    }

    private void start() {
        List<Waiter> batch = waiting;
        waiting = new ArrayList<>();
        running = true;
        long began = loop.nanos();
        Set<Mark> marks = new LinkedHashSet<>();
        boolean always = false;
        for (Waiter waiter : batch) {
            if (waiter.mark() == null) {
                always = true;
            } else {
                marks.add(waiter.mark());
            }
        }
        observer.started(marks.isEmpty() ? batch.getFirst().reason() : Reason.CHANGE);
        work.refresh(marks, always)
                .subscribe()
                .with(
                        outcome -> loop.execute(() -> done(batch, began, outcome)),
                        failure -> loop.execute(() -> failed(batch, failure)));
    }

    private void done(List<Waiter> batch, long began, Outcome outcome) {
        running = false;
        if (failures > 0) {
            observer.recovered(failures);
            failures = 0;
            lastFailure = null;
        }
        long now = loop.nanos();
        notBefore = began + Math.min(PACE * (now - began), SLOWEST_PACE.toNanos());
        List<Waiter> covered = new ArrayList<>(batch.size());
        List<Waiter> unseen = new ArrayList<>();
        for (Waiter waiter : batch) {
            boolean seen = waiter.mark() == null || !outcome.unseen().contains(waiter.mark());
            (seen ? covered : unseen).add(waiter);
        }
        if (unseen.isEmpty()) {
            unseenInARow = 0;
        } else {
            lookAgain(unseen, now);
        }
        wake();
        answer(covered, outcome.result());
        if (!running && waiting.isEmpty()) {
            observer.idle(this);
        }
    }

    private void lookAgain(List<Waiter> unseen, long now) {
        unseenInARow++;
        long delay =
                Math.min(
                        FIRST_LOOK_AGAIN.toNanos() << Math.min(unseenInARow - 1, 20),
                        LAST_LOOK_AGAIN.toNanos());
        if (now + delay - notBefore > 0) {
            notBefore = now + delay;
        }
        waiting.addAll(0, unseen);
    }

    private static void answer(List<Waiter> covered, HandlerResult result) {
        int last = covered.size() - 1;
        for (int i = 0; i < last; i++) {
            covered.get(i).answer().complete(HandlerResult.NONE);
        }
        if (last >= 0) {
            covered.get(last)
                    .answer()
                    .complete(last == 0 ? result : result.with("changes", covered.size()));
        }
    }

    private void failed(List<Waiter> batch, Throwable failure) {
        running = false;
        failures++;
        Duration delay = retry.delay(failures, random);
        notBefore = loop.nanos() + delay.toNanos();
        waiting.addAll(0, batch);
        observer.failed(failure, failures, waiting.size(), delay);
        if (failures >= TRIES) {
            lastFailure = failure;
            giveBack(failure);
        }
        wake();
    }

    private void giveBack(Throwable failure) {
        List<Waiter> changes = waiting.stream().filter(waiter -> waiter.mark() != null).toList();
        waiting.removeAll(changes);
        changes.forEach(waiter -> waiter.answer().fail(failure));
    }
}
