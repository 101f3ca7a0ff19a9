package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.pipeline.Barrier.Standing;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.SourceStatus;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait until rules have applied everything up to some place. Each waits for one thing at
 * a time: that the stream has been taken in up to the place, and then for one rule after the other,
 * so that a change costs nothing for those whom it does not concern. Owned by the pipeline's loop.
 */
final class Barriers {
    private static final Logger LOG = Logger.getLogger(Barriers.class);

    /**
     * A database in which nothing more happens tells of no place: after so long it is written to.
     */
    private static final Duration QUIET = Duration.ofMillis(20);

    private final ChangeSource source;
    private final Supplier<SourceStatus> status;
    private final Loop loop;
    private final PriorityQueue<Waiter> waiting =
            new PriorityQueue<>(Comparator.comparing(Waiter::upTo));
    private @Nullable Position reached;
    private boolean marking;
    private boolean markAgain;

    /**
     * @param status as it is judged, for those whose time is up
     */
    Barriers(ChangeSource source, Supplier<SourceStatus> status, Loop loop) {
        this.source = source;
        this.status = status;
        this.loop = loop;
    }

    /** Everything before the position has been taken in. */
    void reached(Position position) {
        if (reached == null || position.isAfter(reached)) {
            reached = position;
            if (!waiting.isEmpty()) {
                letPass();
            }
        }
    }

    /** The log goes on from here on another branch, perhaps from before what was taken in. */
    void startAgainFrom(Position position) {
        reached = position;
    }

    /**
     * Answers when all the rules have applied everything up to the place, and when the time is up
     * at the latest. May be asked from any thread; never fails.
     */
    Uni<Barrier> await(Position place, List<RuleRunner> rules, Duration atMost) {
        return Uni.createFrom()
                .emitter(emitter ->
                        loop.execute(() -> {
                            Waiter waiter = new Waiter(place, rules, emitter);
                            waiter.goOn();
                            if (!waiter.isAnswered()) {
                                loop.schedule(atMost, waiter::giveUp);
                                loop.schedule(QUIET, waiter::lookAtTheStream);
                            }
                        }));
    }

    private void letPass() {
        for (Waiter next = waiting.peek();
                next != null && isReached(next.upTo());
                next = waiting.peek()) {
            waiting.remove().goOn();
        }
    }

    private boolean isReached(Position place) {
        return reached != null && !place.isAfter(reached);
    }

    /** Moves the log, so that the stream tells of a place behind all that was committed before. */
    private void mark() {
        if (marking) {
            markAgain = true;
            return;
        }
        marking = true;
        Uni.createFrom()
                .deferred(() -> source.mark("barrier"))
                .subscribe()
                .with(
                        at -> loop.execute(this::marked),
                        failure -> loop.execute(() -> notMarked(failure)));
    }

    private void marked() {
        marking = false;
        boolean again = markAgain;
        markAgain = false;
        if (again && !waiting.isEmpty()) {
            mark();
        }
    }

    private void notMarked(Throwable failure) {
        LOG.debugf(
                "Source %s: the log could not be moved for a barrier: %s",
                source.name(), RuleRunner.describe(failure));
        marking = false;
        markAgain = false;
    }

    private final class Waiter implements OpenTasks.Waiter {
        private final Position place;
        private final List<RuleRunner> rules;
        private @Nullable UniEmitter<? super Barrier> emitter;
        private @Nullable OpenTasks at;
        private @Nullable Position seen;

        private Waiter(
                Position place, List<RuleRunner> rules, UniEmitter<? super Barrier> emitter) {
            this.place = place;
            this.rules = rules;
            this.emitter = emitter;
        }

        @Override
        public Position upTo() {
            return place;
        }

        @Override
        public void passed() {
            at = null;
            goOn();
        }

        @Override
        public void blocked() {
            at = null;
            answer(new Barrier.Blocked(place, standings(rule -> rule.blocks(place))));
        }

        private boolean isAnswered() {
            return emitter == null;
        }

        /** A rule that has been passed stays so: whatever it takes in from now on lies behind. */
        private void goOn() {
            if (!isReached(place)) {
                seen = reached;
                waiting.add(this);
                return;
            }
            if (rules.stream().anyMatch(rule -> rule.blocks(place))) {
                blocked();
                return;
            }
            for (RuleRunner rule : rules) {
                if (rule.openTasks().isOpenUpTo(place)) {
                    at = rule.openTasks();
                    at.await(this);
                    return;
                }
            }
            answer(new Barrier.Applied(place));
        }

        /** While more comes, the place comes nearer by itself. */
        private void lookAtTheStream() {
            if (isAnswered() || isReached(place)) {
                return;
            }
            if (Objects.equals(seen, reached)) {
                mark();
            } else {
                seen = reached;
                loop.schedule(QUIET, this::lookAtTheStream);
            }
        }

        private void giveUp() {
            if (isAnswered()) {
                return;
            }
            waiting.remove(this);
            if (at != null) {
                at.forget(this);
            }
            SourceStatus now = status.get();
            answer(
                    new Barrier.Behind(
                            place,
                            reached,
                            now.state(),
                            now.failure(),
                            standings(rule -> rule.openTasks().isOpenUpTo(place))));
        }

        private List<Standing> standings(Predicate<RuleRunner> of) {
            return rules.stream().filter(of).map(RuleRunner::standing).toList();
        }

        private void answer(Barrier barrier) {
            UniEmitter<? super Barrier> waits = Objects.requireNonNull(emitter);
            emitter = null;
            waits.complete(barrier);
        }
    }
}
